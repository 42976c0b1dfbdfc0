// The guide's flow with the AWS SDK for Go v2 (Debian's golang-github-aws-aws-sdk-go-v2-dev), unmodified. Prints one line a step;
// any difference ends it with exit code 1.
//
//	FAULTLINE=…/faultline FAULTLINE_SERVER=http://127.0.0.1:PORT ./guide [signed]
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"
)

const (
	secret   = "production/DBWest"
	home     = "us-west-2"
	east     = "us-east-1"
	readOnly = "Operation not permitted on a replica secret. Call must be made in primary secret's region."
)

var (
	ctx      = context.Background()
	identity = credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), "")
)

func secrets(region string) *secretsmanager.Client {
	return secretsmanager.New(secretsmanager.Options{
		Region: region, Credentials: identity, Retryer: aws.NopRetryer{},
		EndpointResolver: secretsmanager.EndpointResolverFromURL(os.Getenv("FAULTLINE_SERVER")),
	})
}

func keys(region string) *kms.Client {
	return kms.New(kms.Options{
		Region: region, Credentials: identity, Retryer: aws.NopRetryer{},
		EndpointResolver: kms.EndpointResolverFromURL(os.Getenv("FAULTLINE_SERVER")),
	})
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func same(got, want interface{}) {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		panic(fmt.Sprintf("got %v, want %v", got, want))
	}
}

func contains(text, part string) {
	if !strings.Contains(text, part) {
		panic(fmt.Sprintf("%q does not say %q", text, part))
	}
}

func operate(words ...string) {
	output, err := exec.Command(os.Getenv("FAULTLINE"), words...).CombinedOutput()
	if err != nil {
		panic(fmt.Sprintf("faultline %v: %v %s", words, err, output))
	}
}

// refused checks the error's code and its text, byte for byte.
func refused(err error, code, text string) {
	var api smithy.APIError
	if !errors.As(err, &api) {
		panic(fmt.Sprintf("no refusal: %v", err))
	}
	same(api.ErrorCode(), code)
	same(api.ErrorMessage(), text)
}

func replica(region, after string) (status, text string) {
	operate("time", "advance", after)
	described, err := secrets(home).DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: aws.String(secret)})
	must(err)
	for _, entry := range described.ReplicationStatus {
		if aws.ToString(entry.Region) == region {
			return string(entry.Status), aws.ToString(entry.StatusMessage)
		}
	}
	panic("no replica in " + region)
}

func inSync(region string) {
	status, text := replica(region, "5s")
	same([]string{status, text}, []string{"InSync", "Replication succeeded"})
}

func failed(region, after, part string) {
	status, text := replica(region, after)
	same(status, "Failed")
	contains(text, part)
}

func addRegion(region, key string, force bool) {
	target := types.ReplicaRegionType{Region: aws.String(region)}
	if key != "" {
		target.KmsKeyId = aws.String(key)
	}
	_, err := secrets(home).ReplicateSecretToRegions(ctx, &secretsmanager.ReplicateSecretToRegionsInput{
		SecretId: aws.String(secret), AddReplicaRegions: []types.ReplicaRegionType{target}, ForceOverwriteReplicaSecret: force})
	must(err)
}

func createKey(region, alias string) {
	made, err := keys(region).CreateKey(ctx, &kms.CreateKeyInput{})
	must(err)
	_, err = keys(region).CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String(alias), TargetKeyId: made.KeyMetadata.KeyId})
	must(err)
}

func value(region string) string {
	read, err := secrets(region).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(secret)})
	must(err)
	return aws.ToString(read.SecretString)
}

func put(region, text string) error {
	_, err := secrets(region).PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: aws.String(secret), SecretString: aws.String(text)})
	return err
}

var arn string

type step struct {
	name string
	run  func()
}

// signed is only that a server which verifies signatures takes ours.
var signed = []step{{"is known by its signature", func() {
	text := "ä€𝄞 \"\\\n"
	_, err := secrets(home).CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: aws.String(secret), SecretString: aws.String(text),
		Tags: []types.Tag{{Key: aws.String("a b"), Value: aws.String("c+d/é")}}})
	must(err)
	same(value(home), text)
	createKey(east, "alias/signed")
}}}

var steps = []step{
	{"creates with a replica and its key", func() {
		createKey(east, "alias/replica")
		made, err := secrets(home).CreateSecret(ctx, &secretsmanager.CreateSecretInput{
			Name: aws.String(secret), SecretString: aws.String("hunter2"),
			AddReplicaRegions: []types.ReplicaRegionType{{Region: aws.String(east), KmsKeyId: aws.String("alias/replica")}}})
		must(err)
		arn = aws.ToString(made.ARN)
		same(made.ReplicationStatus[0].Status, types.StatusTypeInProgress)
		inSync(east)
		same(value(east), "hunter2")
		details, err := secrets(east).DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: aws.String(secret)})
		must(err)
		same(aws.ToString(details.PrimaryRegion), home)
		same(aws.ToString(details.ARN), strings.Replace(arn, home, east, 1))
	}},
	{"adds a region later", func() {
		addRegion("eu-west-1", "", false)
		inSync("eu-west-1")
	}},
	{"meets somebody of that name, and overwrites", func() {
		_, err := secrets("eu-central-1").CreateSecret(ctx, &secretsmanager.CreateSecretInput{
			Name: aws.String(secret), SecretString: aws.String("somebody else")})
		must(err)
		addRegion("eu-central-1", "", false)
		failed("eu-central-1", "5s", "Replication failed: Secret name "+secret+" already exists in region eu-central-1.")
		addRegion("eu-central-1", "", true)
		inSync("eu-central-1")
	}},
	{"may not use the key, then may", func() {
		createKey("ap-northeast-1", "alias/tokyo")
		operate("fault", "add", "key-denied", "--region", "ap-northeast-1", "--key", "alias/tokyo")
		addRegion("ap-northeast-1", "alias/tokyo", false)
		failed("ap-northeast-1", "5s", "Access to KMS is not allowed")
		operate("fault", "clear", "--all")
		addRegion("ap-northeast-1", "alias/tokyo", false)
		inSync("ap-northeast-1")
	}},
	{"replicates to a region that is off, then on", func() {
		operate("fault", "add", "region-disabled", "--region", "sa-east-1")
		addRegion("sa-east-1", "", false)
		failed("sa-east-1", "5s", "not enabled")
		operate("fault", "clear", "--all")
		addRegion("sa-east-1", "", false)
		inSync("sa-east-1")
	}},
	{"loses the network to a replica, and finds it again", func() {
		operate("fault", "add", "cut", "--from", home, "--to", "eu-west-1")
		must(put(home, "hunter3"))
		failed("eu-west-1", "2m", "network error")
		same(value("eu-west-1"), "hunter2")
		operate("fault", "clear", "--all")
		addRegion("eu-west-1", "", false)
		inSync("eu-west-1")
		same(value("eu-west-1"), "hunter3")
	}},
	{"rotates, and the replicas have it", func() {
		_, err := secrets(home).RotateSecret(ctx, &secretsmanager.RotateSecretInput{
			SecretId: aws.String(secret), RotationLambdaARN: aws.String("arn:aws:lambda:us-west-2:123456789012:function:rotate"),
			RotationRules: &types.RotationRulesType{AutomaticallyAfterDays: aws.Int64(30)}})
		must(err)
		operate("time", "advance", "1m")
		if value(home) == "hunter3" {
			panic("not rotated")
		}
		same(value(east), value(home))
	}},
	{"promotes a replica", func() {
		refused(put(east, "mine"), "InvalidParameterException", readOnly)
		promoted, err := secrets(east).StopReplicationToReplica(ctx, &secretsmanager.StopReplicationToReplicaInput{SecretId: aws.String(secret)})
		must(err)
		same(aws.ToString(promoted.ARN), strings.Replace(arn, home, east, 1))
		must(put(east, "mine"))
		same(value(east), "mine")
	}},
	{"removes and deletes", func() {
		operate("time", "advance", "5s")
		left := []string{"eu-west-1", "eu-central-1", "ap-northeast-1", "sa-east-1"}
		_, err := secrets(home).DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: aws.String(secret)})
		refused(err, "InvalidParameterException",
			"You can't delete secret "+arn+" that still has replica regions ["+strings.Join(left, ", ")+"].")
		removed, err := secrets(home).RemoveRegionsFromReplication(ctx, &secretsmanager.RemoveRegionsFromReplicationInput{
			SecretId: aws.String(secret), RemoveReplicaRegions: left})
		must(err)
		same(len(removed.ReplicationStatus), 0)
		operate("time", "advance", "5m")
		_, err = secrets("eu-west-1").DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: aws.String(secret)})
		var missing *types.ResourceNotFoundException
		if !errors.As(err, &missing) {
			panic(fmt.Sprintf("still there: %v", err))
		}
		deleted, err := secrets(home).DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{
			SecretId: aws.String(secret), RecoveryWindowInDays: aws.Int64(7)})
		must(err)
		same(deleted.DeletionDate.IsZero(), false)
	}},
}

func main() {
	chosen := steps
	if len(os.Args) > 1 && os.Args[1] == "signed" {
		chosen = signed
	}
	for _, step := range chosen {
		step.run()
		fmt.Println("ok:", step.name)
	}
	fmt.Println("all", len(chosen), "steps")
}
