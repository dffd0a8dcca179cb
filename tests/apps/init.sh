#!/bin/bash
# SPDX-License-Identifier: MIT
# init.sh - process 1 of the guests of tests/apps: runs /cases/LIST's cases, each
# with a limit in guest seconds, and reports each on the console.
export PATH=/usr/bin:/usr/sbin HOME=/root TERM=vt100 LANG=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm
mount -t devpts -o ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
for i in 0:stdin 1:stdout 2:stderr; do
	ln -s /proc/self/fd/${i%:*} /dev/${i#*:}
done
ln -s /proc/self/fd /dev/fd
ldconfig
cd /root || exit
now() { read -r up _ < /proc/uptime; echo "$up"; }
echo "@@apps begin $(now)"
while read -r name limit; do
	echo "@@apps case $name"
	t=$(now)
	setsid timeout -k 5 "$limit" bash "/cases/$name.sh" \
		< /dev/null > /tmp/out.$name 2>&1
	rc=$?
	[ "$rc" = 0 ] || tail -c 6000 "/tmp/out.$name"
	[ ! -e "/tmp/keep.$name" ] || cat "/tmp/keep.$name"
	echo
	echo "@@apps end $name $rc $t $(now)"
	cd /root || exit
done < /cases/LIST
echo "@@apps done"
sync
exec /cases/poweroff
