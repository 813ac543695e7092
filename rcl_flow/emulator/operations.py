"""The names of the operations of Custom Labels in Rekognition's API."""

OPERATIONS = frozenset(
    {
        "CreateProject",
        "DescribeProjects",
        "DeleteProject",
        "CreateDataset",
        "DescribeDataset",
        "ListDatasetEntries",
        "ListDatasetLabels",
        "UpdateDatasetEntries",
        "DistributeDatasetEntries",
        "DeleteDataset",
        "CreateProjectVersion",
        "CopyProjectVersion",
        "DescribeProjectVersions",
        "DeleteProjectVersion",
        "StartProjectVersion",
        "StopProjectVersion",
        "DetectCustomLabels",
        "PutProjectPolicy",
        "ListProjectPolicies",
        "DeleteProjectPolicy",
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
    }
)
"""All operations of Custom Labels."""
