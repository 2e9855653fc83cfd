/** A command that an operator types, and what must hold of its answer. */
export interface OperatorCall {
  /** Words for `aws`; `$NAME` stands for something of the account (`account.ts`). */
  readonly command: string;
  /** JMESPath over the answer that must be true; not given where the command must only succeed. */
  readonly expect?: string;
  /** The error that AWS answers with, where the command must fail. */
  readonly error?: string;
}

/** `"words of the command"` → what must hold; an error is written as `!Code`. */
type Table = Readonly<Record<string, string>>;

function callsOf(table: Table): OperatorCall[] {
  return Object.entries(table).map(([command, expect]) => {
    if (expect.startsWith("!")) return { command, error: expect.slice(1) };
    return expect === "" ? { command } : { command, expect };
  });
}

const IDENTITY: Table = {
  "sts get-caller-identity": "Arn == 'arn:aws:iam::123456789012:user/holdfast'",
  "sts assume-role --role-arn $ROLE_ARN --role-session-name look": "!AccessDenied",
  "sts get-session-token": "Credentials.SessionToken != null",
  "iam list-roles --max-items 5": "length(Roles) == `5` && NextToken != null",
  "iam get-role --role-name $ROLE": "Role.RoleName == '$ROLE'",
  "iam list-role-policies --role-name $ROLE": "length(PolicyNames) > `0`",
  "iam get-role-policy --role-name $ROLE --policy-name $ROLE_POLICY": "PolicyDocument != null",
  "iam list-attached-role-policies --role-name $ROLE": "AttachedPolicies != null",
  "iam list-role-tags --role-name $ROLE": "Tags != null",
  "iam list-policies --scope Local": "length(Policies) > `0`",
  "iam get-policy --policy-arn $POLICY_ARN": "Policy.DefaultVersionId == 'v1'",
  "iam get-policy-version --policy-arn $POLICY_ARN --version-id v1": "PolicyVersion.Document != null",
  "iam list-policy-versions --policy-arn $POLICY_ARN": "length(Versions) == `1`",
  "iam list-entities-for-policy --policy-arn $POLICY_ARN": "PolicyRoles != null",
  "iam list-instance-profiles": "length(InstanceProfiles) > `0`",
  "iam get-instance-profile --instance-profile-name $PROFILE": "InstanceProfile.Roles[0].RoleName != null",
  "iam list-users": "Users[0].UserName == 'holdfast'",
  "iam get-user": "User.UserName == 'holdfast'",
  "iam get-account-summary": "SummaryMap.Roles > `0`",
  "iam list-account-aliases": "AccountAliases != null",
  "iam simulate-principal-policy --policy-source-arn $ROLE_ARN --action-names iam:DeleteUser":
    "EvaluationResults[0].EvalDecision == 'implicitDeny'",
  "iam get-role --role-name nobody": "!NoSuchEntity",
};

const COMPUTE: Table = {
  "ec2 describe-instances --filters Name=instance-state-name,Values=running": "length(Reservations) >= `3`",
  "ec2 describe-instances --instance-ids $INSTANCE": "Reservations[0].Instances[0].InstanceId == '$INSTANCE'",
  "ec2 describe-instances --max-items 1": "length(Reservations) == `1` && NextToken != null",
  "ec2 describe-instances --instance-ids i-00000000000000001": "!InvalidInstanceID.NotFound",
  "ec2 describe-instance-status --include-all-instances": "length(InstanceStatuses) >= `3`",
  "ec2 describe-instance-attribute --instance-id $INSTANCE --attribute userData": "UserData.Value != null",
  "ec2 describe-instance-types --instance-types t3.medium": "InstanceTypes[0].VCpuInfo.DefaultVCpus == `2`",
  "ec2 describe-instance-type-offerings --location-type availability-zone --filters Name=instance-type,Values=t3.medium":
    "length(InstanceTypeOfferings) > `0`",
  "ec2 describe-instance-credit-specifications --instance-ids $INSTANCE":
    "InstanceCreditSpecifications[0].InstanceId == '$INSTANCE'",
  "ec2 describe-iam-instance-profile-associations --filters Name=instance-id,Values=$INSTANCE":
    "IamInstanceProfileAssociations[0].State == 'associated'",
  "ec2 get-console-output --instance-id $INSTANCE": "InstanceId == '$INSTANCE'",
  "ec2 wait instance-running --instance-ids $INSTANCE": "",
  "ec2 wait instance-status-ok --instance-ids $INSTANCE": "",
  "ec2 wait instance-exists --instance-ids $INSTANCE": "",
  "ec2 describe-volumes --filters Name=attachment.instance-id,Values=$INSTANCE": "length(Volumes) >= `1`",
  "ec2 describe-volume-status --volume-ids $VOLUME": "VolumeStatuses[0].VolumeStatus.Status == 'ok'",
  "ec2 describe-volume-attribute --volume-id $VOLUME --attribute autoEnableIO": "VolumeId == '$VOLUME'",
  "ec2 describe-volumes-modifications": "VolumesModifications != null",
  "ec2 wait volume-in-use --volume-ids $VOLUME": "",
  "ec2 describe-snapshots --owner-ids self": "Snapshots != null",
  "ec2 describe-images --owners self": "Images != null",
  "ec2 describe-launch-templates": "length(LaunchTemplates) > `0`",
  "ec2 describe-launch-template-versions --launch-template-id $TEMPLATE --versions $Latest":
    "LaunchTemplateVersions[0].LaunchTemplateData.ImageId != null",
  "ec2 get-launch-template-data --instance-id $INSTANCE": "LaunchTemplateData.InstanceType != null",
  "ec2 describe-key-pairs": "KeyPairs != null",
  "ec2 describe-tags --filters Name=resource-id,Values=$INSTANCE": "length(Tags) > `0`",
  "ec2 create-tags --resources $INSTANCE --tags Key=looked-at,Value=yes": "",
  "ec2 delete-tags --resources $INSTANCE --tags Key=looked-at": "",
  "ec2 describe-availability-zones": "length(AvailabilityZones) >= `3`",
  "ec2 describe-regions": "length(Regions) > `0`",
  "ec2 describe-account-attributes": "length(AccountAttributes) > `0`",
  "ec2 describe-placement-groups": "PlacementGroups != null",
  "ec2 describe-spot-instance-requests": "SpotInstanceRequests != null",
  "ec2 describe-reserved-instances": "ReservedInstances != null",
  "ec2 get-ebs-encryption-by-default": "EbsEncryptionByDefault == `false`",
  "ec2 get-ebs-default-kms-key-id": "KmsKeyId != null",
};

const NETWORK: Table = {
  "ec2 describe-vpcs --vpc-ids $VPC": "Vpcs[0].State == 'available'",
  "ec2 wait vpc-available --vpc-ids $VPC": "",
  "ec2 describe-vpc-attribute --vpc-id $VPC --attribute enableDnsHostnames": "EnableDnsHostnames.Value == `true`",
  "ec2 describe-subnets --filters Name=vpc-id,Values=$VPC": "length(Subnets) >= `3`",
  "ec2 wait subnet-available --subnet-ids $SUBNET": "",
  "ec2 describe-route-tables --filters Name=vpc-id,Values=$VPC": "length(RouteTables) >= `2`",
  "ec2 describe-internet-gateways --filters Name=attachment.vpc-id,Values=$VPC": "length(InternetGateways) == `1`",
  "ec2 describe-nat-gateways --filter Name=vpc-id,Values=$VPC": "NatGateways != null",
  "ec2 describe-addresses": "Addresses != null",
  "ec2 describe-network-interfaces --filters Name=vpc-id,Values=$VPC": "length(NetworkInterfaces) >= `3`",
  "ec2 describe-security-groups --filters Name=vpc-id,Values=$VPC": "length(SecurityGroups) >= `2`",
  "ec2 describe-security-group-rules --filters Name=group-id,Values=$SECURITY_GROUP":
    "length(SecurityGroupRules) > `0`",
  "ec2 describe-network-acls --filters Name=vpc-id,Values=$VPC": "length(NetworkAcls) > `0`",
  "ec2 describe-dhcp-options": "DhcpOptions != null",
  "ec2 describe-vpc-endpoints": "VpcEndpoints != null",
  "ec2 describe-vpc-peering-connections": "VpcPeeringConnections != null",
  "ec2 describe-flow-logs": "FlowLogs != null",
  "ec2 describe-prefix-lists": "length(PrefixLists) > `0`",
  "elbv2 describe-load-balancers": "length(LoadBalancers) >= `1`",
  "elbv2 wait load-balancer-available --load-balancer-arns $BALANCER": "",
  "elbv2 wait load-balancer-exists --load-balancer-arns $BALANCER": "",
  "elbv2 describe-load-balancer-attributes --load-balancer-arn $BALANCER": "length(Attributes) > `0`",
  "elbv2 describe-listeners --load-balancer-arn $BALANCER": "Listeners[0].Protocol == 'TCP'",
  "elbv2 describe-rules --listener-arn $LISTENER": "Rules[0].IsDefault == `true`",
  "elbv2 describe-listener-attributes --listener-arn $LISTENER": "Attributes != null",
  "elbv2 describe-target-groups --load-balancer-arn $BALANCER": "length(TargetGroups) >= `1`",
  "elbv2 describe-target-group-attributes --target-group-arn $TARGETS": "length(Attributes) > `0`",
  "elbv2 describe-target-health --target-group-arn $TARGETS":
    "TargetHealthDescriptions[0].TargetHealth.State == 'healthy'",
  "elbv2 wait target-in-service --target-group-arn $TARGETS": "",
  "elbv2 describe-tags --resource-arns $BALANCER": "length(TagDescriptions[0].Tags) > `0`",
  "elbv2 describe-account-limits": "length(Limits) > `0`",
  "elbv2 describe-ssl-policies": "length(SslPolicies) > `0`",
  "route53 list-hosted-zones": "HostedZones[0].Name == 'example.com.'",
  "route53 get-hosted-zone --id $ZONE": "HostedZone.Name == 'example.com.'",
  "route53 list-hosted-zones-by-name --dns-name example.com": "HostedZones[0].Name == 'example.com.'",
  "route53 get-hosted-zone-count": "HostedZoneCount == `1`",
  "route53 list-resource-record-sets --hosted-zone-id $ZONE": "length(ResourceRecordSets) >= `2`",
  "route53 list-resource-record-sets --hosted-zone-id $ZONE --max-items 1":
    "length(ResourceRecordSets) == `1` && NextToken != null",
};

const GROUPS: Table = {
  "autoscaling describe-auto-scaling-groups": "length(AutoScalingGroups) >= `3`",
  "autoscaling describe-auto-scaling-groups --max-items 1": "length(AutoScalingGroups) == `1` && NextToken != null",
  "autoscaling describe-auto-scaling-instances": "length(AutoScalingInstances) >= `3`",
  "autoscaling describe-scaling-activities --auto-scaling-group-name $GROUP":
    "Activities[0].StatusCode == 'Successful'",
  "autoscaling describe-lifecycle-hooks --auto-scaling-group-name $GROUP": "LifecycleHooks != null",
  "autoscaling describe-lifecycle-hook-types": "length(LifecycleHookTypes) == `2`",
  "autoscaling describe-policies --auto-scaling-group-name $GROUP": "ScalingPolicies == `[]`",
  "autoscaling describe-instance-refreshes --auto-scaling-group-name $GROUP": "InstanceRefreshes == `[]`",
  "autoscaling describe-scheduled-actions": "ScheduledUpdateGroupActions == `[]`",
  "autoscaling describe-load-balancer-target-groups --auto-scaling-group-name $GROUP":
    "LoadBalancerTargetGroups != null",
  "autoscaling describe-launch-configurations": "LaunchConfigurations == `[]`",
  "autoscaling describe-notification-configurations": "NotificationConfigurations == `[]`",
  "autoscaling describe-scaling-process-types": "length(Processes) > `5`",
  "autoscaling describe-termination-policy-types": "length(TerminationPolicyTypes) > `3`",
  "autoscaling describe-warm-pool --auto-scaling-group-name $GROUP": "Instances == `[]`",
  "autoscaling describe-account-limits": "NumberOfAutoScalingGroups >= `3`",
  "autoscaling describe-tags --filters Name=auto-scaling-group,Values=$GROUP": "length(Tags) > `0`",
  "autoscaling suspend-processes --auto-scaling-group-name $GROUP --scaling-processes AZRebalance": "",
  "autoscaling resume-processes --auto-scaling-group-name $GROUP --scaling-processes AZRebalance": "",
  "service-quotas list-services": "length(Services) > `3`",
  "service-quotas list-service-quotas --service-code ec2": "length(Quotas) > `0`",
  "service-quotas list-aws-default-service-quotas --service-code lambda": "length(Quotas) > `0`",
  "service-quotas get-service-quota --service-code lambda --quota-code L-B99A9384": "Quota.Value > `0`",
  "service-quotas list-requested-service-quota-change-history": "RequestedQuotas == `[]`",
};

const FUNCTIONS: Table = {
  "lambda list-functions --max-items 10": "length(Functions) == `10` && NextToken != null",
  "lambda get-function --function-name $FUNCTION": "Configuration.State == 'Active'",
  "lambda get-function-configuration --function-name $FUNCTION": "LoggingConfig.LogGroup == '$FUNCTION_LOG'",
  "lambda get-function-concurrency --function-name $FUNCTION": "",
  "lambda get-function-event-invoke-config --function-name $ASYNC_FUNCTION": "FunctionArn != null",
  "lambda list-function-event-invoke-configs --function-name $ASYNC_FUNCTION":
    "length(FunctionEventInvokeConfigs) == `1`",
  "lambda get-policy --function-name $FUNCTION": "contains(Policy, 'events.amazonaws.com')",
  "lambda get-policy --function-name $STEP_FUNCTION": "!ResourceNotFoundException",
  "lambda list-versions-by-function --function-name $FUNCTION": "Versions[0].Version == '$LATEST'",
  "lambda list-aliases --function-name $FUNCTION": "Aliases == `[]`",
  "lambda list-tags --resource $FUNCTION_ARN": "Tags != null",
  "lambda list-event-source-mappings": "EventSourceMappings == `[]`",
  "lambda list-layers": "Layers == `[]`",
  "lambda get-account-settings": "AccountLimit.ConcurrentExecutions > `0`",
  "lambda wait function-active --function-name $FUNCTION": "",
  "lambda wait function-updated --function-name $FUNCTION": "",
  "lambda wait function-exists --function-name $FUNCTION": "",
  "stepfunctions list-state-machines": "length(stateMachines) == `10`",
  "stepfunctions describe-state-machine --state-machine-arn $FLOW": "loggingConfiguration.level == 'ALL'",
  "stepfunctions list-executions --state-machine-arn $FLOW": "executions[0].status == 'SUCCEEDED'",
  "stepfunctions list-executions --state-machine-arn $FLOW --status-filter RUNNING": "executions == `[]`",
  "stepfunctions describe-execution --execution-arn $EXECUTION": "status == 'SUCCEEDED'",
  "stepfunctions describe-state-machine-for-execution --execution-arn $EXECUTION": "stateMachineArn == '$FLOW'",
  "stepfunctions get-execution-history --execution-arn $EXECUTION --max-items 20":
    "length(events) == `20` && NextToken != null",
  "stepfunctions get-execution-history --execution-arn $EXECUTION --reverse-order":
    "events[0].type == 'ExecutionSucceeded'",
  "stepfunctions list-map-runs --execution-arn $EXECUTION": "mapRuns == `[]`",
  "stepfunctions list-activities": "activities == `[]`",
  "stepfunctions list-state-machine-versions --state-machine-arn $FLOW": "stateMachineVersions == `[]`",
  "stepfunctions list-state-machine-aliases --state-machine-arn $FLOW": "stateMachineAliases == `[]`",
  "stepfunctions list-tags-for-resource --resource-arn $FLOW": "tags != null",
  "events list-rules": "length(Rules) == `10`",
  "events describe-rule --name $RULE": "State == 'ENABLED'",
  "events list-targets-by-rule --rule $RULE": "length(Targets) >= `1`",
  "events list-rule-names-by-target --target-arn $RULE_TARGET": "contains(RuleNames, '$RULE')",
  "events list-event-buses": "length(EventBuses) >= `2`",
  "events describe-event-bus --name default": "Name == 'default'",
  "events list-archives": "Archives == `[]`",
  "events list-tags-for-resource --resource-arn $RULE_ARN": "Tags != null",
  "apigatewayv2 get-apis": "Items[0].ProtocolType == 'HTTP'",
  "apigatewayv2 get-api --api-id $API": "ApiId == '$API'",
  "apigatewayv2 get-routes --api-id $API": "length(Items) > `20`",
  "apigatewayv2 get-integrations --api-id $API": "length(Items) > `10`",
  "apigatewayv2 get-stages --api-id $API": "Items[0].StageName == '$default'",
  "apigatewayv2 get-authorizers --api-id $API": "length(Items) == `1`",
};

const DATA: Table = {
  "dynamodb list-tables": "length(TableNames) == `2`",
  "dynamodb describe-table --table-name $TABLE": "Table.TableStatus == 'ACTIVE'",
  "dynamodb wait table-exists --table-name $TABLE": "",
  "dynamodb scan --table-name $TABLE --max-items 2": "length(Items) == `2` && NextToken != null",
  "dynamodb scan --table-name $TABLE --select COUNT": "Count > `0`",
  "dynamodb describe-time-to-live --table-name $TABLE": "TimeToLiveDescription.TimeToLiveStatus != null",
  "dynamodb describe-continuous-backups --table-name $TABLE":
    "ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == 'ENABLED'",
  "dynamodb list-backups": "BackupSummaries == `[]`",
  "dynamodb describe-limits": "AccountMaxReadCapacityUnits > `0`",
  "dynamodb list-tags-of-resource --resource-arn $TABLE_ARN": "Tags != null",
  "dynamodb describe-table --table-name nothing": "!ResourceNotFoundException",
  "ssm describe-parameters --max-items 1": "length(Parameters) == `1`",
  "ssm get-parameter --name $PARAMETER": "Parameter.Value != null",
  "ssm get-parameters --names $PARAMETER /no/such": "InvalidParameters[0] == '/no/such'",
  "ssm get-parameters-by-path --path /holdfast --recursive": "length(Parameters) > `0`",
  "ssm get-parameter-history --name $PARAMETER": "Parameters[0].Version == `1`",
  "ssm list-tags-for-resource --resource-type Parameter --resource-id $PARAMETER": "TagList != null",
  "ssm list-documents --filters Key=Owner,Values=Self": "length(DocumentIdentifiers) == `34`",
  "ssm describe-document --name $DOCUMENT": "Document.Status == 'Active'",
  "ssm get-document --name $DOCUMENT": "DocumentType == 'Command'",
  "ssm list-document-versions --name $DOCUMENT": "DocumentVersions[0].IsDefaultVersion == `true`",
  "ssm describe-document-permission --name $DOCUMENT --permission-type Share": "AccountIds == `[]`",
  "ssm describe-instance-information": "length(InstanceInformationList) >= `3`",
  "ssm get-connection-status --target $INSTANCE": "Status == 'connected'",
  "ssm list-commands": "length(Commands) > `0`",
  "ssm list-command-invocations --command-id $COMMAND --details": "length(CommandInvocations) > `0`",
  "ssm get-command-invocation --command-id $COMMAND --instance-id $COMMAND_INSTANCE": "Status == 'Success'",
  "ssm describe-sessions --state Active": "Sessions == `[]`",
  "s3api list-buckets": "Buckets[0].Name == '$BUCKET' && Owner.ID != null",
  "s3api get-bucket-location --bucket $BUCKET": "LocationConstraint == 'us-west-2'",
  "s3api get-bucket-encryption --bucket $BUCKET":
    "ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm == 'aws:kms'",
  "s3api get-bucket-versioning --bucket $BUCKET": "Status == 'Enabled'",
  "s3api get-bucket-policy --bucket $BUCKET": "contains(Policy, 'aws:SecureTransport')",
  "s3api get-bucket-policy-status --bucket $BUCKET": "PolicyStatus.IsPublic == `false`",
  "s3api get-public-access-block --bucket $BUCKET": "PublicAccessBlockConfiguration.BlockPublicPolicy == `true`",
  "s3api get-bucket-ownership-controls --bucket $BUCKET":
    "OwnershipControls.Rules[0].ObjectOwnership == 'BucketOwnerEnforced'",
  "s3api get-bucket-acl --bucket $BUCKET": "Grants[0].Permission == 'FULL_CONTROL'",
  "s3api list-objects --bucket $BUCKET": "Contents[0].Owner.ID != null",
  "s3api list-objects-v2 --bucket $BUCKET --max-items 1": "length(Contents) == `1`",
  "s3api get-bucket-tagging --bucket $BUCKET": "!NoSuchTagSet",
  "s3api list-objects-v2 --bucket nothing-of-that-name": "!NoSuchBucket",
  "kms list-keys": "length(Keys) == `1`",
  "kms list-aliases": "Aliases[?AliasName == 'alias/holdfast'] | length(@) == `1`",
  "kms describe-key --key-id alias/holdfast": "KeyMetadata.KeyState == 'Enabled'",
  "kms get-key-policy --key-id $KEY --policy-name default": "contains(Policy, 'kms:*')",
  "kms get-key-rotation-status --key-id $KEY": "KeyRotationEnabled == `true`",
  "kms list-key-policies --key-id $KEY": "PolicyNames[0] == 'default'",
  "kms list-grants --key-id $KEY": "Grants == `[]`",
  "kms list-resource-tags --key-id $KEY": "Tags != null",
  "kms describe-key --key-id alias/nothing": "!NotFoundException",
  "sqs list-queues": "length(QueueUrls) == `1`",
  "sqs get-queue-url --queue-name $QUEUE_NAME": "QueueUrl == '$QUEUE'",
  "sqs get-queue-attributes --queue-url $QUEUE --attribute-names All": "Attributes.MessageRetentionPeriod == '1209600'",
  "sqs send-message --queue-url $QUEUE --message-body {}": "MessageId != null",
  "sqs receive-message --queue-url $QUEUE --visibility-timeout 0": "Messages[0].Body == '{}'",
  "sqs purge-queue --queue-url $QUEUE": "",
  "sqs get-queue-url --queue-name nothing": "!AWS.SimpleQueueService.NonExistentQueue",
  "sns list-topics": "length(Topics) == `1`",
  "sns get-topic-attributes --topic-arn $TOPIC": "Attributes.DisplayName == 'Holdfast alarms'",
  "sns list-subscriptions-by-topic --topic-arn $TOPIC": "Subscriptions == `[]`",
};

const OBSERVE: Table = {
  "logs describe-log-groups": "length(logGroups) > `10`",
  "logs describe-log-groups --log-group-name-prefix /aws/vendedlogs/holdfast/": "length(logGroups) >= `14`",
  "logs describe-log-groups --max-items 3": "length(logGroups) == `3` && NextToken != null",
  "logs describe-log-streams --log-group-name $FUNCTION_LOG --order-by LastEventTime --descending":
    "contains(logStreams[0].logStreamName, '[$LATEST]')",
  "logs get-log-events --log-group-name $FUNCTION_LOG --log-stream-name $FUNCTION_STREAM --start-from-head":
    "contains(events[0].message, 'platform.start')",
  "logs filter-log-events --log-group-name $FUNCTION_LOG --filter-pattern platform.report":
    "contains(events[0].message, 'durationMs')",
  "logs filter-log-events --log-group-name $FLOW_LOG --filter-pattern '{ $.type = ExecutionSucceeded }'":
    "contains(events[0].message, 'execution_arn')",
  "logs filter-log-events --log-group-name $FLOW_LOG --max-items 5": "length(events) == `5` && NextToken != null",
  "logs filter-log-events --log-group-name $ACCESS_LOG --filter-pattern '{ $.status = 2* }'": "length(events) > `0`",
  "logs filter-log-events --log-group-name /aws/lambda/nothing": "!ResourceNotFoundException",
  "logs start-query --log-group-name $FUNCTION_LOG --start-time 0 --end-time 4000000000 --query-string 'fields @timestamp, @message | sort @timestamp desc | limit 5'":
    "queryId != null",
  "logs describe-metric-filters --log-group-name $FUNCTION_LOG": "metricFilters == `[]`",
  "logs describe-subscription-filters --log-group-name $FUNCTION_LOG": "subscriptionFilters == `[]`",
  "logs list-tags-for-resource --resource-arn $FUNCTION_LOG_ARN": "tags != null",
  "cloudwatch list-metrics --namespace Holdfast": "length(Metrics) > `0`",
  "cloudwatch list-metrics --namespace AWS/Lambda --metric-name Invocations": "length(Metrics) > `10`",
  "cloudwatch get-metric-statistics --namespace Holdfast --metric-name Clusters --dimensions Name=service,Value=reconcile --start-time $HOUR_AGO --end-time $SOON --period 300 --statistics Maximum SampleCount":
    "max_by(Datapoints, &Maximum).Maximum == `1`",
  "cloudwatch get-metric-statistics --namespace AWS/States --metric-name ExecutionsSucceeded --dimensions Name=StateMachineArn,Value=$FLOW --start-time $HOUR_AGO --end-time $SOON --period 3600 --statistics Sum":
    "Datapoints[0].Sum == `1`",
  'cloudwatch get-metric-data --start-time $HOUR_AGO --end-time $SOON --metric-data-queries [{"Id":"m1","ReturnData":false,"MetricStat":{"Stat":"Sum","Period":3600,"Metric":{"Namespace":"AWS/ApiGateway","MetricName":"Count","Dimensions":[{"Name":"ApiId","Value":"$API"}]}}},{"Id":"e1","Expression":"m1*2"}]':
    "MetricDataResults[0].Values[0] > `1`",
  "cloudwatch describe-alarms": "length(MetricAlarms) == `17`",
  "cloudwatch describe-alarms --max-items 2": "length(MetricAlarms) == `2` && NextToken != null",
  "cloudwatch describe-alarms --state-value INSUFFICIENT_DATA": "MetricAlarms == `[]`",
  "cloudwatch describe-alarms --alarm-names $ALARM": "MetricAlarms[0].StateValue == 'OK'",
  "cloudwatch describe-alarms-for-metric --namespace Holdfast --metric-name ClustersDegraded --dimensions Name=service,Value=reconcile":
    "length(MetricAlarms) == `1`",
  "cloudwatch set-alarm-state --alarm-name $ALARM --state-value ALARM --state-reason drill": "",
  "cloudwatch wait alarm-exists --alarm-names $ALARM": "",
  "cloudwatch describe-alarm-history --alarm-name $ALARM --history-item-type StateUpdate":
    "length(AlarmHistoryItems) > `0`",
  "cloudwatch list-dashboards": "length(DashboardEntries) == `1`",
  "cloudwatch get-dashboard --dashboard-name $DASHBOARD": "contains(DashboardBody, 'widgets')",
  "cloudwatch list-tags-for-resource --resource-arn $ALARM_ARN": "Tags != null",
};

const STACK: Table = {
  "cloudformation describe-stacks": "Stacks[0].StackStatus == 'CREATE_COMPLETE'",
  "cloudformation describe-stacks --stack-name Holdfast":
    "Stacks[0].Outputs[?OutputKey == 'ApiUrl'] | length(@) == `1`",
  "cloudformation describe-stacks --stack-name Nothing": "!ValidationError",
  "cloudformation list-stacks": "StackSummaries[0].StackName == 'Holdfast'",
  "cloudformation list-stack-resources --stack-name Holdfast": "length(StackResourceSummaries) >= `100`",
  "cloudformation list-stack-resources --stack-name Holdfast --max-items 10":
    "length(StackResourceSummaries) == `10` && NextToken != null",
  "cloudformation describe-stack-resources --stack-name Holdfast": "length(StackResources) == `100`",
  "cloudformation describe-stack-resource --stack-name Holdfast --logical-resource-id $LOGICAL":
    "StackResourceDetail.ResourceStatus == 'CREATE_COMPLETE'",
  "cloudformation describe-stack-events --stack-name Holdfast --max-items 5": "length(StackEvents) == `5`",
  "cloudformation get-template --stack-name Holdfast": "TemplateBody != null",
  "cloudformation get-template-summary --stack-name Holdfast": "length(Parameters) > `5`",
  "cloudformation get-stack-policy --stack-name Holdfast": "",
  "cloudformation list-change-sets --stack-name Holdfast": "Summaries == `[]`",
  "cloudformation list-exports": "Exports == `[]`",
  "cloudformation wait stack-exists --stack-name Holdfast": "",
  "cloudformation wait stack-create-complete --stack-name Holdfast": "",
};

/** Services that the local cloud does not have: their answers must be readable to each protocol's client. */
const UNKNOWN: Table = {
  "redshift describe-clusters": "!InvalidAction",
  "glue get-databases": "!UnknownOperationException",
  "eks list-clusters": "!UnknownOperationException",
  "cloudfront list-distributions": "!UnknownOperationException",
};

/** What only version 2 of the AWS CLI can. */
export const CLI_2_CALLS: readonly OperatorCall[] = [
  { command: "logs tail $FUNCTION_LOG --since 1h --format short" },
  { command: "logs tail $FLOW_LOG --since 1h --filter-pattern ExecutionSucceeded" },
];

/** What an operator asks of the account in which Holdfast runs, by subject. */
export const OPERATOR_CALLS: readonly OperatorCall[] = [
  ...[IDENTITY, COMPUTE, NETWORK, GROUPS, FUNCTIONS, DATA, OBSERVE, STACK, UNKNOWN].flatMap(callsOf),
];
