# SPDX-License-Identifier: MIT
# missing.awk - nm output of the kernel side in; assembler out that puts each
# symbol nobody defines where no memory is, and a table of their names.
NF == 2 && $1 == "U" { want[$2] = 1 }
NF == 3 { have[$3] = 1 }
END {
	# libc's and the compiler's, which the final link finds
	n = split("memcpy memmove memset memcmp memchr strlen strnlen strcmp" \
	  " strncmp strcasecmp strncasecmp strchr strrchr strchrnul strstr" \
	  " strpbrk strspn strcspn strsep _GLOBAL_OFFSET_TABLE_" \
	  " __extable_start __extable_end host_missing_table" \
	  " host_missing_start host_missing_end __executable_start", libc, " ")
	for (i = 1; i <= n; i++)
		have[libc[i]] = 1
	print "\t.section .note.GNU-stack, \"\", @progbits"
	print "\t.section .host_missing, \"aw\", @nobits"
	print "\t.balign 4096\n\t.globl host_missing_start, host_missing_end"
	print "host_missing_start:\n\t.skip 64"
	for (s in want) {
		if (s in have || s ~ /^host_/ || s ~ /^__(asan|ubsan|sanitizer)_/ ||
		    s ~ /^__(start|stop)_/ ||
		    s ~ /^__[a-z]+[dt]i[0-9]$/)
			continue
		print "\t.globl " s "\n" s ":\t.skip 4096"
		name[++k] = s
	}
	print "\t.skip 4096\n\t.balign 4096\nhost_missing_end:"
	print "\t.section .data.rel.ro, \"aw\"\n\t.balign 8"
	print "\t.globl host_missing_table\nhost_missing_table:"
	print "\t.quad host_missing_start, .L0"
	for (i = 1; i <= k; i++)
		print "\t.quad " name[i] ", .L" i
	print "\t.quad 0, 0"
	name[0] = "(nothing)"
	for (i = 0; i <= k; i++)
		print ".L" i ":\t.asciz \"" name[i] "\""
	# so that the linker has ends of it to name; an entry for no instruction
	print "\t.section host_extable, \"a\"\n\t.balign 4\n\t.long 0, 0"
}
