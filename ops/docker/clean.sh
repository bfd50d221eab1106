#!/bin/sh
# Runs once, in the build: makes the users, and takes out of the system what neither gateway nor warden needs. dpkg's list of packages
# stays, for programs that look for known holes.
set -eu
echo 'carrel:x:10001:' >> /etc/group
echo 'warden:x:10002:' >> /etc/group
echo 'carrel:x:10001:10001::/var/lib/carrel:/usr/sbin/nologin' >> /etc/passwd
echo 'warden:x:10002:10002::/var/lib/carrel:/usr/sbin/nologin' >> /etc/passwd
install -d -o 10001 -g 10001 -m 700 /var/lib/carrel
install -d /opt/carrel
rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/share /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
    /usr/local/bin/yarn* /usr/local/bin/docker-entrypoint.sh /opt/yarn* /home/node \
    /usr/bin/apt* /usr/lib/apt /usr/bin/dpkg* /usr/lib/dpkg /var/lib/apt /var/cache/* /var/log/* /etc/apt /etc/dpkg /etc/cron* \
    /etc/pam.d /etc/security /etc/init.d /etc/shadow* /etc/gshadow* /etc/passwd- /etc/group- /usr/lib/systemd /etc/systemd \
    /usr/share/doc /usr/share/man /usr/share/info /usr/share/locale /usr/share/lintian /usr/share/bash-completion /usr/share/bug \
    /usr/share/perl5 /usr/lib/x86_64-linux-gnu/perl-base /usr/bin/perl* /usr/lib/x86_64-linux-gnu/gconv \
    /usr/sbin/* /var/lib/dpkg/info /root/.npm /tmp/* /boot /media /mnt /srv
find / -xdev -perm /6000 -type f -exec chmod a-s {} +
