# SPDX-License-Identifier: MIT
# sets: base
# limit: 400
# The second stage of debootstrap: every package is unpacked, none configured.
# After it the system has PAM, and one can log in.
set -e
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true LC_ALL=C
sed -i 's/^Status: install ok installed/Status: install ok unpacked/' /var/lib/dpkg/status
dpkg --configure --force-confold --force-depends -a < /dev/null
! grep -q 'install ok unpacked\|half-configured' /var/lib/dpkg/status
[ -s /etc/pam.d/common-auth ]; [ -e /etc/alternatives/awk ]; [ -s /etc/ld.so.cache ]
useradd -m -s /bin/bash kim; echo kim:secret | chpasswd
passwd -S kim | grep -q '^kim P'
[ "$(su - kim -c 'id -un; pwd' | tr '\n' ' ')" = 'kim /home/kim ' ]
su kim -c 'test ! -r /etc/shadow'
mkdir /tmp/lg; cd /tmp/lg
echo 'echo by-profile; exit' > /root/.bash_profile
script -qec 'login -f root' /dev/null < /dev/null | grep -q by-profile
