# SPDX-License-Identifier: MIT
# sets: base git
set -e
cd /tmp; export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
git init -q -b main r; cd r
for i in $(seq 200); do echo "line $i" > f$i; done
git add .; git commit -qm one
for i in $(seq 50); do echo more >> f$i; done
git commit -qam two
git mv f1 g1; git commit -qm three
git clone -q . ../c; git -C ../c log --oneline | wc -l | grep -qx 3
git clone -q file:///tmp/r ../d
git gc -q; git fsck --full
git checkout -qb side HEAD~1; echo side > s; git add s; git commit -qm side
git checkout -q main; git merge -q side -m merge
git stash list; echo z > f9; git stash -q; git stash pop -q
git status --porcelain | grep -q 'M f9'
git archive HEAD | tar t | wc -l
git bundle create ../b.bundle --all; git clone -q ../b.bundle ../e
cd ../c; git pull -q
[ "$(git rev-parse HEAD)" = "$(git -C ../r rev-parse main)" ]
