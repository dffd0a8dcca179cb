# SPDX-License-Identifier: MIT
# list.awk - unit test sources in, the table of their tests and fuzz entries out
/^test_[a-z0-9_]+\(void\)/ {
	sub(/\(.*/, ""); t[++nt] = $0
}
/^fuzz_[a-z0-9_]+\(const/ {
	sub(/\(.*/, ""); f[++nf] = $0
}
END {
	print "/* made by list.awk */\n#include \"host.h\""
	for (i = 1; i <= nt; i++)
		print "void " t[i] "(void);"
	for (i = 1; i <= nf; i++)
		print "int " f[i] "(const unsigned char *data, unsigned long len);"
	print "const struct host_test host_tests[] = {"
	for (i = 1; i <= nt; i++)
		print "\t{ \"" substr(t[i], 6) "\", " t[i] " },"
	print "\t{ 0, 0 }\n};\nconst struct host_fuzz host_fuzzes[] = {"
	for (i = 1; i <= nf; i++)
		print "\t{ \"" substr(f[i], 6) "\", " f[i] " },"
	print "\t{ 0, 0 }\n};"
}
