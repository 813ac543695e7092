"""The operations of S3 that the emulator tells apart, by method and by what the query asks."""

OBJECT_METHODS = {
    "GET": "GetObject",
    "PUT": "PutObject",
    "HEAD": "HeadObject",
    "DELETE": "DeleteObject",
}
OBJECT_QUERIES = {
    ("POST", "uploads"): "CreateMultipartUpload",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("PUT", "uploadId"): "UploadPart",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("GET", "tagging"): "GetObjectTagging",
    ("PUT", "tagging"): "PutObjectTagging",
}
BUCKET_METHODS = {
    "GET": "ListObjects",
    "PUT": "CreateBucket",
    "HEAD": "HeadBucket",
    "DELETE": "DeleteBucket",
}
BUCKET_QUERIES = {
    ("GET", "list-type"): "ListObjectsV2",
    ("GET", "location"): "GetBucketLocation",
    ("GET", "acl"): "GetBucketAcl",
    ("GET", "encryption"): "GetBucketEncryption",
    ("GET", "policy"): "GetBucketPolicy",
    ("PUT", "policy"): "PutBucketPolicy",
    ("POST", "delete"): "DeleteObjects",
}
S3_OPERATIONS = frozenset(
    {
        "ListBuckets",
        "CopyObject",
        *OBJECT_METHODS.values(),
        *OBJECT_QUERIES.values(),
        *BUCKET_METHODS.values(),
        *BUCKET_QUERIES.values(),
    }
)
"""All of them: what a fault of S3 can name."""
