// Looks for what AWS's example programs for Custom Labels rely on. Arguments: bucket, manifest.
// Prints one JSON object: the name of each demand and whether it holds.
import {
  CreateDatasetCommand,
  CreateProjectCommand,
  CreateProjectVersionCommand,
  DeleteDatasetCommand,
  DescribeDatasetCommand,
  DescribeProjectsCommand,
  DescribeProjectVersionsCommand,
  ListDatasetEntriesCommand,
  RekognitionClient,
  ResourceNotFoundException,
  StartProjectVersionCommand,
  StopProjectVersionCommand,
  UpdateDatasetEntriesCommand,
  waitUntilProjectVersionRunning,
  waitUntilProjectVersionTrainingCompleted,
} from "@aws-sdk/client-rekognition";

const [Bucket, Name] = process.argv.slice(2);
const client = new RekognitionClient({});
const send = (command) => client.send(command);
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
const holds = {};
const messages = [];

const { ProjectArn } = await send(new CreateProjectCommand({ ProjectName: "demands" }));
const listed = await send(new DescribeProjectsCommand({ ProjectNames: ["demands"], NextToken: "" }));
holds["no NextToken on the last page"] = !("NextToken" in listed) || listed.NextToken === undefined;
holds["an empty start token is accepted"] = listed.ProjectDescriptions.length === 1;
holds["Datasets is an empty list"] = listed.ProjectDescriptions[0].Datasets?.length === 0;

const unknown = await send(new DescribeProjectsCommand({ ProjectNames: ["nobody"] }));
const noVersion = await send(
  new DescribeProjectVersionsCommand({ ProjectArn, VersionNames: ["nobody"] }),
);
holds["unknown names give empty lists"] = unknown.ProjectDescriptions.length === 0
  && noVersion.ProjectVersionDescriptions.length === 0;

async function dataset(DatasetArn, states) {
  for (let look = 0; look < 400; look += 1) {
    const { DatasetDescription: found } = await send(new DescribeDatasetCommand({ DatasetArn }));
    messages.push(found.StatusMessage);
    if (states.includes(found.Status)) return found;
    await pause();
  }
  throw new Error(`never ${states}`);
}

const made = async (DatasetType, DatasetSource) => (await send(
  new CreateDatasetCommand({ ProjectArn, DatasetType, DatasetSource }),
)).DatasetArn;
const empty = await made("TEST");
const stats = (await dataset(empty, ["CREATE_COMPLETE"])).DatasetStats;
holds["DatasetStats of an empty dataset"] = stats?.TotalEntries === 0 && stats?.TotalLabels === 0;

const train = await made("TRAIN", { GroundTruthManifest: { S3Object: { Bucket, Name } } });
await dataset(train, ["CREATE_COMPLETE"]);
const all = await send(new ListDatasetEntriesCommand({ DatasetArn: train }));
const some = await send(new ListDatasetEntriesCommand({ DatasetArn: train, HasErrors: false }));
holds["HasErrors=False filters nothing"] = all.DatasetEntries.length > 0
  && all.DatasetEntries.length === some.DatasetEntries.length;

const changes = { GroundTruth: Buffer.from(`${all.DatasetEntries[0]}\n`) };
await send(new UpdateDatasetEntriesCommand({ DatasetArn: train, Changes: changes }));
const { DatasetDescription: updated } = await send(new DescribeDatasetCommand({ DatasetArn: train }));
holds["an update shows at the first describe"] = updated.Status.startsWith("UPDATE_");
await dataset(train, ["UPDATE_COMPLETE"]);

await send(new DeleteDatasetCommand({ DatasetArn: empty }));
holds["a deleted dataset is not found"] = false;
for (let look = 0; look < 400 && !holds["a deleted dataset is not found"]; look += 1) {
  try {
    await send(new DescribeDatasetCommand({ DatasetArn: empty }));
    await pause();
  } catch (error) {
    holds["a deleted dataset is not found"] = error instanceof ResourceNotFoundException;
  }
}

const { ProjectVersionArn } = await send(new CreateProjectVersionCommand({
  ProjectArn,
  VersionName: "v1",
  OutputConfig: { S3Bucket: Bucket, S3KeyPrefix: "demands-js" },
}));
const versions = { ProjectArn, VersionNames: ["v1"] };
const look = async () => {
  const answer = await send(new DescribeProjectVersionsCommand(versions));
  messages.push(answer.ProjectVersionDescriptions[0].StatusMessage);
  return answer.ProjectVersionDescriptions[0].Status;
};
await look();
const patience = { client, maxWaitTime: 120, minDelay: 1, maxDelay: 1 };
const trained = await waitUntilProjectVersionTrainingCompleted(patience, versions);
await look();
await send(new StartProjectVersionCommand({ ProjectVersionArn, MinInferenceUnits: 1 }));
await look();
const running = await waitUntilProjectVersionRunning(patience, versions);
await look();
await send(new StopProjectVersionCommand({ ProjectVersionArn }));
while ((await look()) !== "STOPPED") await pause();
holds["the SDK's waiters finish"] = trained.state === "SUCCESS" && running.state === "SUCCESS";
holds["StatusMessage in every state"] = messages.every((message) => message?.length > 0);
console.log(JSON.stringify(holds));
