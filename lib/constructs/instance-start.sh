# Bash runs this as root when an instance starts for the first time.
set -euo pipefail

# Tells the deployment that waits for this instance. It needs no credentials: CloudFormation knows the instances of its own
# stack. Started by scaling there is no deployment, and CloudFormation refuses: that is no failure.
signal() {
  /opt/aws/bin/cfn-signal --exit-code "$1" --stack "$STACK" --resource "$RESOURCE" --region "$REGION" || true
}
trap 'echo "signal9: line $LINENO failed"; signal 1' ERR

# The way out may be a minute younger than the instance.
again() {
  local attempt
  for attempt in 1 2 3 4 5; do
    if "$@"; then return 0; fi
    echo "signal9: attempt $attempt of 5 failed: $*"
    sleep $((attempt * 5))
  done
  return 1
}
