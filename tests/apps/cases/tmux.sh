# SPDX-License-Identifier: MIT
# sets: base edit
set -e
export TERM=vt100 LANG=C.UTF-8
tmux -f /dev/null new-session -d -s s -x 80 -y 24 bash
tmux send-keys -t s 'echo in-$((40+2))' Enter
for i in $(seq 50); do tmux capture-pane -p -t s | grep -q '^in-42' && break; sleep 0.2; done
tmux capture-pane -p -t s | grep -q '^in-42'
tmux split-window -t s; tmux list-panes -t s | wc -l | grep -qx 2
tmux resize-pane -t s -y 5
tmux kill-server
