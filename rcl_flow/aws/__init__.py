"""The gateways to AWS: the only room for boto3, botocore, obstore and tenacity."""
