# SPDX-License-Identifier: MIT
# sets: base sandbox
# waiting: namespaces
set -e
[ "$(unshare -u sh -c 'hostname inner; hostname')" = inner ]; [ "$(hostname)" != inner ]
[ "$(unshare -pf --mount-proc sh -c 'echo $$; ls /proc | grep -c "^[0-9]"' | head -1)" = 1 ]
unshare -m sh -c 'mount -t tmpfs x /mnt; touch /mnt/seen'; [ ! -e /mnt/seen ]
[ "$(setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Ur id -u)" = 0 ]
lsns | grep -q mnt
unshare -i true; unshare -n true; unshare -C true
bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --unshare-all --die-with-parent sh -c '[ $(id -u) = 0 ] && touch /tmp/x && ! touch /usr/x 2>/dev/null'
setpriv --reuid 1000 --regid 1000 --clear-groups bwrap --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev --unshare-all --uid 5 --gid 6 --hostname box sh -c '[ "$(id -u) $(id -g) $(hostname)" = "5 6 box" ]'
sleep 30 & p=$!; nsenter -t $p -m -u true; kill $p
