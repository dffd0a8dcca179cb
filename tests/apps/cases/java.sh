# SPDX-License-Identifier: MIT
# sets: base java
# limit: 400
# The compiler is Eclipse's, itself a program of the JVM.
set -e
cd /tmp; mkdir -p j; cd j; java -version
cat > Hello.java <<'E'
import java.util.concurrent.*; import java.util.*; import java.nio.file.*;
public class Hello { static int n; static synchronized void inc() { n++; }
 public static void main(String[] a) throws Exception {
  ExecutorService x = Executors.newFixedThreadPool(8); List<Future<Integer>> l = new ArrayList<>();
  for (int i = 0; i < 100; i++) { final int j = i; l.add(x.submit(() -> { inc(); return j; })); }
  int s = 0; for (Future<Integer> f : l) s += f.get(); x.shutdown(); x.awaitTermination(5, TimeUnit.SECONDS);
  Thread t = new Thread(() -> { try { Thread.sleep(10000); } catch (InterruptedException e) { inc(); } }); t.start(); t.interrupt(); t.join();
  Files.writeString(Path.of("f"), "x"); if (!Files.readString(Path.of("f")).equals("x")) throw new Error();
  byte[][] g = new byte[20][]; for (int i = 0; i < 2000; i++) g[i % 20] = new byte[100000]; System.gc();
  try { Object o = null; o.hashCode(); } catch (NullPointerException e) { inc(); }
  Process p = new ProcessBuilder("echo", "kid").start(); String k = new String(p.getInputStream().readAllBytes()).trim(); p.waitFor();
  System.out.println("Hello " + n + " " + s + " " + k); } }
E
java -cp /usr/share/java/ecj.jar org.eclipse.jdt.internal.compiler.batch.Main -11 Hello.java
[ "$(java -Xmx128m Hello)" = "Hello 102 4950 kid" ]
[ "$(java -XX:+UseSerialGC Hello)" = "Hello 102 4950 kid" ]
