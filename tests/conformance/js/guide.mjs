// The guide's flow with the AWS SDK for JavaScript v3, unmodified. Prints one line a step; any difference ends it with exit code 1.
//
//   FAULTLINE=…/faultline FAULTLINE_SERVER=http://127.0.0.1:PORT node guide.mjs [signed]
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { KMSClient, CreateAliasCommand, CreateKeyCommand, DecryptCommand, EncryptCommand } from "@aws-sdk/client-kms";
import {
  SecretsManagerClient, BatchGetSecretValueCommand, CreateSecretCommand, DeleteSecretCommand, DescribeSecretCommand,
  GetSecretValueCommand, InvalidParameterException, PutSecretValueCommand, RemoveRegionsFromReplicationCommand,
  ReplicateSecretToRegionsCommand, ResourceNotFoundException, RotateSecretCommand, StopReplicationToReplicaCommand,
  UpdateSecretCommand, paginateListSecrets,
} from "@aws-sdk/client-secrets-manager";

const endpoint = process.env.FAULTLINE_SERVER;
const secret = "production/DBWest";
const inSync = ["InSync", "Replication succeeded"];
const clients = new Map();

function client(Kind, region) {
  const key = Kind.name + region;
  if (!clients.has(key)) {
    const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY };
    clients.set(key, new Kind({ region, endpoint, credentials, maxAttempts: 1 }));
  }
  return clients.get(key);
}
const home = (command) => client(SecretsManagerClient, "us-west-2").send(command);
const at = (region, command) => client(SecretsManagerClient, region).send(command);
const kms = (region, command) => client(KMSClient, region).send(command);
const operate = (...words) => execFileSync(process.env.FAULTLINE, words, { encoding: "utf8" });
const advance = (duration) => operate("time", "advance", duration);

async function refused(Kind, text, promise) {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof Kind, `${error.name} instead of ${Kind.name}: ${error.message}`);
    assert.equal(error.message, text);
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
    return true;
  });
}

async function replica(region, after = "5s") {
  advance(after);
  const { ReplicationStatus: entries } = await home(new DescribeSecretCommand({ SecretId: secret }));
  const entry = entries.find((candidate) => candidate.Region === region);
  return [entry.Status, entry.StatusMessage];
}

const addRegion = (Region, KmsKeyId, ForceOverwriteReplicaSecret) =>
  home(new ReplicateSecretToRegionsCommand({ SecretId: secret, AddReplicaRegions: [{ Region, KmsKeyId }], ForceOverwriteReplicaSecret }));

async function createKey(region, AliasName) {
  const { KeyMetadata: key } = await kms(region, new CreateKeyCommand({}));
  await kms(region, new CreateAliasCommand({ AliasName, TargetKeyId: key.KeyId }));
  return key;
}

const steps = {
  async "creates with a replica and its key"(world) {
    const key = await createKey("us-east-1", "alias/replica");
    const created = await home(new CreateSecretCommand({
      Name: secret, SecretString: "hunter2", AddReplicaRegions: [{ Region: "us-east-1", KmsKeyId: "alias/replica" }] }));
    assert.deepEqual(created.ReplicationStatus, [{ Region: "us-east-1", KmsKeyId: "alias/replica", Status: "InProgress" }]);
    assert.deepEqual(await replica("us-east-1"), inSync);
    world.arn = created.ARN;
    world.replicaArn = created.ARN.replace("us-west-2", "us-east-1");
    const read = await at("us-east-1", new GetSecretValueCommand({ SecretId: secret }));
    assert.deepEqual([read.SecretString, read.ARN, read.VersionId], ["hunter2", world.replicaArn, created.VersionId]);
    assert.ok(read.CreatedDate instanceof Date);
    const details = await at("us-east-1", new DescribeSecretCommand({ SecretId: world.replicaArn }));
    assert.equal(details.PrimaryRegion, "us-west-2");
    assert.ok(details.KmsKeyId.endsWith(key.KeyId) || details.KmsKeyId === "alias/replica", details.KmsKeyId);
  },
  async "adds a region later"() {
    await addRegion("eu-west-1");
    assert.deepEqual(await replica("eu-west-1"), inSync);
  },
  async "meets somebody of that name, and overwrites"(world) {
    await at("eu-central-1", new CreateSecretCommand({ Name: secret, SecretString: "somebody else" }));
    await addRegion("eu-central-1");
    assert.deepEqual(await replica("eu-central-1"), [
      "Failed", `Replication failed: Secret name ${secret} already exists in region eu-central-1.`]);
    await addRegion("eu-central-1", undefined, true);
    assert.deepEqual(await replica("eu-central-1"), inSync);
    const mine = await at("eu-central-1", new GetSecretValueCommand({ SecretId: secret }));
    assert.equal(mine.ARN.slice(-6), world.arn.slice(-6));
  },
  async "may not use the key, then may"() {
    await createKey("ap-northeast-1", "alias/tokyo");
    operate("fault", "add", "key-denied", "--region", "ap-northeast-1", "--key", "alias/tokyo");
    await addRegion("ap-northeast-1", "alias/tokyo");
    const [status, text] = await replica("ap-northeast-1");
    assert.equal(status, "Failed");
    assert.match(text, /Access to KMS is not allowed/);
    operate("fault", "clear", "--all");
    await addRegion("ap-northeast-1", "alias/tokyo");
    assert.deepEqual(await replica("ap-northeast-1"), inSync);
  },
  async "replicates to a region that is off, then on"() {
    operate("fault", "add", "region-disabled", "--region", "sa-east-1");
    await addRegion("sa-east-1");
    const [status, text] = await replica("sa-east-1");
    assert.equal(status, "Failed");
    assert.match(text, /not enabled/);
    operate("fault", "clear", "--all");
    await addRegion("sa-east-1");
    assert.deepEqual(await replica("sa-east-1"), inSync);
  },
  async "loses the network to a replica, and finds it again"() {
    operate("fault", "add", "cut", "--from", "us-west-2", "--to", "eu-west-1");
    await home(new PutSecretValueCommand({ SecretId: secret, SecretString: "hunter3" }));
    const [status, text] = await replica("eu-west-1", "2m");
    assert.equal(status, "Failed");
    assert.match(text, /network error/);
    const stale = await at("eu-west-1", new GetSecretValueCommand({ SecretId: secret }));
    assert.equal(stale.SecretString, "hunter2");
    operate("fault", "clear", "--all");
    await addRegion("eu-west-1");
    assert.deepEqual(await replica("eu-west-1"), inSync);
    const fresh = await at("eu-west-1", new GetSecretValueCommand({ SecretId: secret }));
    assert.equal(fresh.SecretString, "hunter3");
  },
  async "rotates, and the replicas have it"() {
    const RotationLambdaARN = "arn:aws:lambda:us-west-2:123456789012:function:rotate";
    await home(new RotateSecretCommand({ SecretId: secret, RotationLambdaARN, RotationRules: { AutomaticallyAfterDays: 30 } }));
    advance("1m");
    const [here, there] = await Promise.all(["us-west-2", "us-east-1"].map((region) =>
      at(region, new GetSecretValueCommand({ SecretId: secret }))));
    assert.notEqual(here.SecretString, "hunter3");
    assert.deepEqual([there.SecretString, there.VersionId], [here.SecretString, here.VersionId]);
  },
  async "bytes stay bytes, and pages are turned"() {
    const bytes = new Uint8Array([0, 255, 10, 128]);
    await home(new CreateSecretCommand({ Name: "js/bytes", SecretBinary: bytes }));
    assert.deepEqual(new Uint8Array((await home(new GetSecretValueCommand({ SecretId: "js/bytes" }))).SecretBinary), bytes);
    const key = await createKey("us-west-2", "alias/js");
    const { CiphertextBlob } = await kms("us-west-2", new EncryptCommand({ KeyId: "alias/js", Plaintext: bytes }));
    const opened = await kms("us-west-2", new DecryptCommand({ CiphertextBlob }));
    assert.deepEqual([new Uint8Array(opened.Plaintext), opened.KeyId], [bytes, key.Arn]);
    const names = [];
    for await (const page of paginateListSecrets({ client: client(SecretsManagerClient, "us-west-2"), pageSize: 1 }, {})) {
      assert.ok(page.SecretList.length <= 1);
      names.push(...page.SecretList.map((entry) => entry.Name));
    }
    assert.deepEqual(names.sort(), ["js/bytes", secret]);
    const batch = await home(new BatchGetSecretValueCommand({ SecretIdList: [secret, "js/nothing"] }));
    assert.deepEqual(batch.SecretValues.map((entry) => entry.Name), [secret]);
    assert.deepEqual(batch.Errors.map((entry) => entry.ErrorCode), ["ResourceNotFoundException"]);
  },
  async "promotes a replica"(world) {
    const readOnly = "Operation not permitted on a replica secret. Call must be made in primary secret's region.";
    await refused(InvalidParameterException, readOnly, at("us-east-1", new UpdateSecretCommand({ SecretId: secret, SecretString: "x" })));
    const promoted = await at("us-east-1", new StopReplicationToReplicaCommand({ SecretId: secret }));
    assert.equal(promoted.ARN, world.replicaArn);
    await at("us-east-1", new PutSecretValueCommand({ SecretId: secret, SecretString: "mine" }));
    assert.equal((await at("us-east-1", new GetSecretValueCommand({ SecretId: secret }))).SecretString, "mine");
  },
  async "removes and deletes"(world) {
    advance("5s");
    const left = ["eu-west-1", "eu-central-1", "ap-northeast-1", "sa-east-1"];
    await refused(InvalidParameterException, `You can't delete secret ${world.arn} that still has replica regions [${left.join(", ")}].`,
      home(new DeleteSecretCommand({ SecretId: secret })));
    const removed = await home(new RemoveRegionsFromReplicationCommand({ SecretId: secret, RemoveReplicaRegions: left }));
    assert.deepEqual(removed.ReplicationStatus, []);
    advance("5m");
    await refused(ResourceNotFoundException, "Secrets Manager can't find the specified secret.",
      at("eu-west-1", new GetSecretValueCommand({ SecretId: secret })));
    const deleted = await home(new DeleteSecretCommand({ SecretId: secret, ForceDeleteWithoutRecovery: true }));
    assert.ok(deleted.DeletionDate instanceof Date);
  },
};

// `node guide.mjs signed`: only that a server which verifies signatures takes ours.
const signed = {
  async "is known by its signature"() {
    const SecretString = 'ä€𝄞 "\\\n';
    await home(new CreateSecretCommand({ Name: "signed", SecretString, Tags: [{ Key: "a b", Value: "c+d/é" }] }));
    assert.equal((await home(new GetSecretValueCommand({ SecretId: "signed" }))).SecretString, SecretString);
    await createKey("us-east-1", "alias/signed");
  },
};

const world = {};
const chosen = process.argv[2] === "signed" ? signed : steps;
for (const [name, step] of Object.entries(chosen)) {
  await step(world);
  console.log(`ok: ${name}`);
}
console.log(`all ${Object.keys(chosen).length} steps`);
for (const each of clients.values()) each.destroy();
