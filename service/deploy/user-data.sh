# What an instance of the service does when it starts for the first time. Above this line stand its variables
# (lib/constructs/service-user-data.ts) and how a start tells and tries again (lib/constructs/instance-start.sh); its output
# is in /var/log/cloud-init-output.log. When it fails the load balancer's health check replaces the instance; the deployment
# need not wait for that.

# The first, so that the log of a start that fails is to be read outside the instance.
again dnf install --assumeyes aws-cfn-bootstrap awscli-2 amazon-cloudwatch-agent
install --directory --mode=0755 /etc/signal9 /var/log/signal9 /opt/signal9
printf '%s\n' "$AGENT" >/etc/signal9/cloudwatch-agent.json
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl \
  -a fetch-config -m ec2 -s -c file:/etc/signal9/cloudwatch-agent.json

# Namespaced packages of Amazon Linux: node-24 stays Node.js 24, whatever else is installed.
again dnf install --assumeyes nodejs24 unzip logrotate

again aws s3 cp --region "$REGION" --only-show-errors "s3://$ASSET" /tmp/portfolio.zip
unzip -q -o /tmp/portfolio.zip -d /opt/signal9/portfolio
rm /tmp/portfolio.zip
chmod --recursive u=rwX,go=rX /opt/signal9

install --mode=0600 /dev/null /etc/signal9/portfolio.env
printf '%s\n' "$ENVIRONMENT" >/etc/signal9/portfolio.env
install --mode=0644 /opt/signal9/portfolio/signal9-portfolio.logrotate /etc/logrotate.d/signal9-portfolio
install --mode=0644 /opt/signal9/portfolio/signal9-portfolio.service /etc/systemd/system/signal9-portfolio.service
systemctl daemon-reload
systemctl enable --now signal9-portfolio.service logrotate.timer

for ((second = 0; second < HEALTHY_WITHIN; second += 2)); do
  if curl --silent --fail --max-time 5 --output /dev/null "$HEALTH_URL"; then
    # Until the load balancer has seen it twice, too: whoever is replaced ends at the signal.
    sleep 25
    signal 0
    exit 0
  fi
  sleep 2
done
echo "signal9: not healthy after $HEALTHY_WITHIN seconds"
tail --lines=50 /var/log/signal9/portfolio.log
signal 1
exit 1
