// Trains, starts, asks and stops a model with the JavaScript SDK, configured by environment only.
// Arguments: a folder of images, one sub-folder a label. Prints one JSON object.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateProjectCommand,
  CreateDatasetCommand,
  CreateProjectVersionCommand,
  DescribeDatasetCommand,
  DescribeProjectVersionsCommand,
  DetectCustomLabelsCommand,
  RekognitionClient,
  ResourceInUseException,
  ResourceNotReadyException,
  StartProjectVersionCommand,
  StopProjectVersionCommand,
  waitUntilProjectVersionRunning,
  waitUntilProjectVersionTrainingCompleted,
} from "@aws-sdk/client-rekognition";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const folder = process.argv[2];
const Bucket = "js-bucket";
const rekognition = new RekognitionClient({});
const s3 = new S3Client({ forcePathStyle: true });
const patience = { client: rekognition, maxWaitTime: 120, minDelay: 1, maxDelay: 1 };
const report = {};

async function refused(call, kind) {
  try {
    await call();
  } catch (error) {
    return error instanceof kind;
  }
  return false;
}

async function settled(describe, done) {
  for (let look = 0; look < 200; look += 1) {
    const status = await describe();
    if (done.includes(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`never ${done}`);
}

await s3.send(new CreateBucketCommand({ Bucket }));
const { ProjectArn } = await rekognition.send(new CreateProjectCommand({ ProjectName: "js" }));
report.duplicate = await refused(
  () => rekognition.send(new CreateProjectCommand({ ProjectName: "js" })),
  ResourceInUseException,
);

for (const [split, DatasetType] of [["train", "TRAIN"], ["test", "TEST"]]) {
  const lines = [];
  for (const label of readdirSync(join(folder, split))) {
    for (const name of readdirSync(join(folder, split, label))) {
      const Key = `${split}/${label}/${name}`;
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: readFileSync(join(folder, Key)) }));
      lines.push(JSON.stringify({
        "source-ref": `s3://${Bucket}/${Key}`,
        label: 1,
        "label-metadata": {
          "class-name": label,
          confidence: 1,
          "human-annotated": "yes",
          "creation-date": "2024-01-01T00:00:00",
          type: "groundtruth/image-classification",
        },
      }));
    }
  }
  const Name = `${split}.manifest`;
  await s3.send(new PutObjectCommand({ Bucket, Key: Name, Body: lines.join("\n") }));
  const { DatasetArn } = await rekognition.send(new CreateDatasetCommand({
    ProjectArn,
    DatasetType,
    DatasetSource: { GroundTruthManifest: { S3Object: { Bucket, Name } } },
  }));
  await settled(
    async () => (await rekognition.send(new DescribeDatasetCommand({ DatasetArn })))
      .DatasetDescription.Status,
    ["CREATE_COMPLETE"],
  );
}

const { ProjectVersionArn } = await rekognition.send(new CreateProjectVersionCommand({
  ProjectArn,
  VersionName: "v1",
  OutputConfig: { S3Bucket: Bucket, S3KeyPrefix: "out" },
}));
await waitUntilProjectVersionTrainingCompleted(patience, { ProjectArn, VersionNames: ["v1"] });
const describe = async () => (await rekognition.send(
  new DescribeProjectVersionsCommand({ ProjectArn, VersionNames: ["v1"] }),
)).ProjectVersionDescriptions[0];
report.f1 = (await describe()).EvaluationResult.F1Score;

const [label] = readdirSync(join(folder, "holdout"));
const [name] = readdirSync(join(folder, "holdout", label));
const Bytes = readFileSync(join(folder, "holdout", label, name));
report.notReady = await refused(
  () => rekognition.send(new DetectCustomLabelsCommand({ ProjectVersionArn, Image: { Bytes } })),
  ResourceNotReadyException,
);
await rekognition.send(new StartProjectVersionCommand({ ProjectVersionArn, MinInferenceUnits: 1 }));
await waitUntilProjectVersionRunning(patience, { ProjectArn, VersionNames: ["v1"] });

await s3.send(new PutObjectCommand({ Bucket, Key: "ask.png", Body: Bytes }));
const ask = async (Image) => (await rekognition.send(
  new DetectCustomLabelsCommand({ ProjectVersionArn, Image, MinConfidence: 0 }),
)).CustomLabels;
report.truth = label;
report.byBytes = await ask({ Bytes });
report.byReference = await ask({ S3Object: { Bucket, Name: "ask.png" } });

await rekognition.send(new StopProjectVersionCommand({ ProjectVersionArn }));
report.status = await settled(async () => (await describe()).Status, ["STOPPED"]);
console.log(JSON.stringify(report));
