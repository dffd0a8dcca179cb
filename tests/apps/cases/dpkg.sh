# SPDX-License-Identifier: MIT
# sets: base
# quick: yes
# A package made on the spot, installed, listed, verified and removed.
set -e
cd /tmp; mkdir -p p/DEBIAN p/usr/share/hello
echo hi > p/usr/share/hello/hi
printf 'Package: hello-k\nVersion: 1.0\nArchitecture: all\nMaintainer: K <k@localhost>\nDescription: test\n' > p/DEBIAN/control
printf '#!/bin/sh\necho configured > /tmp/postinst.ran\n' > p/DEBIAN/postinst
chmod 755 p/DEBIAN/postinst
dpkg-deb -b p hello-k.deb
dpkg -i hello-k.deb
grep -q configured /tmp/postinst.ran
dpkg -s hello-k | grep -q 'install ok installed'
dpkg -L hello-k | grep -q /usr/share/hello/hi
dpkg -V hello-k
dpkg -S /usr/share/hello/hi | grep -q hello-k
dpkg -P hello-k
[ ! -e /usr/share/hello/hi ]
dpkg -l bash | grep -q '^ii'
