# SPDX-License-Identifier: MIT
# sets: base perl
# quick: yes
set -e
cd /tmp
perl -e 'print "perl $]\n"'
perl -Mthreads -Mthreads::shared -e 'my $n:shared=0; my @t=map { threads->create(sub { for(1..50){lock($n);$n++} }) } 1..4; $_->join for @t; exit($n==200?0:1)'
perl -MFile::Temp=tempfile -MFcntl=:flock -e '($f,$n)=tempfile(); flock($f,LOCK_EX) or die; print $f "x"; close $f; -s $n==1 or die; unlink $n'
perl -MSocket -MIO::Handle -e 'socketpair($a,$b,AF_UNIX,SOCK_STREAM,PF_UNSPEC) or die; $a->autoflush(1); print $a "hey\n"; $_=<$b>; $_ eq "hey\n" or die'
perl -MPOSIX -e 'alarm(1); eval { local $SIG{ALRM}=sub{die "al\n"}; pause(); }; $@ eq "al\n" or die; print POSIX::strftime("%Y",gmtime 0),"\n"'
perl -MTime::HiRes=sleep,time -e '$t=time; sleep 0.2; time-$t>=0.19 or die'
perl -MIPC::Open3 -e '$p=open3(my $i,my $o,undef,"tr","a-z","A-Z"); print $i "abc\n"; close $i; $_=<$o>; waitpid $p,0; $_ eq "ABC\n" or die'
perl -MStorable -e 'store [1..10],"/tmp/st"; $r=retrieve "/tmp/st"; @$r==10 or die'
