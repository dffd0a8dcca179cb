# SPDX-License-Identifier: MIT
# sets: base
# limit: 200
# A repository made on the spot, and apt on it.
set -e
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
mkdir -p /tmp/repo /tmp/p; cd /tmp/p; chmod 755 /tmp/repo
for v in "liba 1.0" "prog 1.0 liba" "prog 2.0 liba"; do
	set -- $v
	rm -rf t; mkdir -p t/DEBIAN t/usr/share/$1; echo "$2" > t/usr/share/$1/version
	printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: K <k@localhost>\n%sDescription: test\n' \
		$1 $2 "${3:+Depends: $3
}" > t/DEBIAN/control
	dpkg-deb -b t /tmp/repo/$1_$2_all.deb > /dev/null
done
index() {
	for d in "$@"; do
		dpkg-deb -f $d
		printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' $d "$(stat -c %s $d)" "$(sha256sum $d | cut -c1-64)"
	done > Packages
	xz -kf Packages 2>/dev/null || gzip -kf Packages
}
cd /tmp/repo; index liba_1.0_all.deb prog_1.0_all.deb
rm -f /etc/apt/sources.list.d/*; echo 'deb [trusted=yes] file:/tmp/repo ./' > /etc/apt/sources.list
apt-get update 2>&1 | grep -q 'Reading package lists'
apt-cache policy prog | grep -q 'Candidate: 1.0'
apt-get -y install prog
[ "$(cat /usr/share/prog/version)" = 1.0 ]; [ -e /usr/share/liba/version ]
index *.deb
apt-get update > /dev/null; apt-get -y upgrade; [ "$(cat /usr/share/prog/version)" = 2.0 ]
apt-get -y --purge remove liba; [ ! -e /usr/share/prog ]
apt-get -y install ./liba_1.0_all.deb; apt-mark showmanual | grep -qx liba
