# SPDX-License-Identifier: MIT
# gen-syscalls.awk - doc/syscalls.md from the coverage notes and the table:
#
#	awk -f doc/gen-syscalls.awk kernel/syscall/coverage.txt \
#	    kernel/syscall/syscalls.tbl >doc/syscalls.md
#
# With -v check=1 prints what does not fit together instead.
function trim(s) { sub(/^[ \t]+/, "", s); sub(/[ \t]+$/, "", s); return s }
/^#/ || NF == 0 { next }
FILENAME ~ /coverage/ {
	n = split($0, f, "|")
	name = trim(f[1])
	state[name] = trim(f[2])
	note[name] = n > 2 ? trim(f[3]) : ""
	order[++nr_lines] = name
	next
}
NF >= 3 {
	number[$2] = $1
	call[++nr_calls] = $2
	args[$2] = ""
	for (i = 4; i <= NF; i++)
		args[$2] = args[$2] (i > 4 ? ", " : "") $i
}
END {
	if (check) {
		for (i = 1; i <= nr_calls; i++)
			if (state[call[i]] != "full" && state[call[i]] != "partial")
				print call[i] ": no line, or not full or partial"
		for (i = 1; i <= nr_lines; i++) {
			name = order[i]
			if (state[name] !~ /^(full|partial|absent)$/)
				print name ": " state[name] "?"
			else if (state[name] == "absent" && name in number)
				print name ": is in the table, not absent"
			else if (state[name] != "absent" && !(name in number))
				print name ": is not in the table"
			if (state[name] == "partial" && note[name] == "")
				print name ": partial in what?"
			if (name in seen)
				print name ": twice"
			seen[name] = 1
		}
		exit
	}
	for (i = 1; i <= nr_calls; i++)
		count[state[call[i]]]++
	print "# System calls"
	print ""
	print "Made by doc/gen-syscalls.awk from kernel/syscall/syscalls.tbl and"
	print "coverage.txt; do not edit. Numbers are those of Linux on x86_64."
	print ""
	printf "There are %d: %d as the Linux manual has them, %d in part.\n",
	  nr_calls, count["full"], count["partial"]
	print "An argument shown as `sig`, `path` and so on is the kind it is printed as by"
	print "`log=syscall=trace`."
	print ""
	print "| nr | call | arguments | state | note |"
	print "| ---: | --- | --- | --- | --- |"
	for (i = 1; i <= nr_calls; i++) {
		name = call[i]
		printf "| %d | %s | %s | %s | %s |\n", number[name], name,
		  args[name], state[name], note[name]
	}
	print ""
	print "## Absent"
	print ""
	print "These answer ENOSYS."
	print ""
	for (i = 1; i <= nr_lines; i++) {
		name = order[i]
		if (state[name] != "absent")
			continue
		if (!(note[name] in list))
			why[++nr_why] = note[name]
		list[note[name]] = list[note[name]] (list[note[name]] == "" ? "" : ", ") name
	}
	for (i = 1; i <= nr_why; i++)
		print "- " (why[i] == "" ? "other" : why[i]) ": " list[why[i]]
}
