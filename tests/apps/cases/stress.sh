# SPDX-License-Identifier: MIT
# sets: base stress
# limit: 600
# stress-ng checks what it gets; a second for each stressor of these classes.
set -e
cd /tmp
stress-ng --verify --timeout 3 --metrics-brief \
	--pipe 1 --switch 1 --futex 1 --mutex 1 --signal 1 --sigq 1 \
	--fork 1 --vfork 1 --clone 1 --pthread 1 --mmap 1 --mremap 1 \
	--madvise 1 --brk 1 --stack 1 --vm 1 --vm-bytes 32M --memfd 1 --poll 1 \
	--eventfd 1 --dentry 1 --rename 1 --link 1 --symlink 1 \
	--flock 1 --fcntl 1 --getdent 1 --sendfile 1 --splice 1 --tee 1 \
	--yield 1 --nanosleep 1 --itimer 1 --zero 1 --null 1 \
	--kill 1 --wait 1 --sem 1 --xattr 1 --fallocate 1
