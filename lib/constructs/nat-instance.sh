# What a NAT instance does when it starts for the first time. Above this line stand its variables
# (lib/constructs/nat-instance.ts) and how a start tells and tries again (instance-start.sh): CloudFormation routes nothing
# here before it has been told. The output is in the system log of the instance.

# In the half gigabyte of a nano dnf is killed for want of memory (amazonlinux/amazon-linux-2023, issue 404).
dd if=/dev/zero of=/swapfile bs=1M count=1024 status=none
chmod 0600 /swapfile
mkswap /swapfile
swapon /swapfile
echo '/swapfile none swap defaults 0 0' >>/etc/fstab

# Nobody signs in here, and no policy lets Systems Manager.
systemctl disable --now amazon-ssm-agent.service sshd.service || true

again dnf install --assumeyes aws-cfn-bootstrap iptables-services

# A kernel that cannot go on starts again by itself; the rules are loaded at each start.
cat >/etc/sysctl.d/90-signal9-nat.conf <<'END'
net.ipv4.ip_forward = 1
kernel.panic = 10
kernel.panic_on_oops = 1
END
sysctl --load=/etc/sysctl.d/90-signal9-nat.conf

cat >/etc/sysconfig/iptables <<END
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s $CIDR ! -d $CIDR -j MASQUERADE
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -s $CIDR -p tcp --dport 443 -j ACCEPT
COMMIT
END
systemctl enable iptables.service
systemctl restart iptables.service

signal 0
