package dev.pinnace.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table against the kernel headers of the machine, read by its own C preprocessor. */
class SyscallTableTest {
  private static final Path X86 = Path.of("/usr/include/x86_64-linux-gnu");
  private static final Path ARM64 = Path.of("/usr/aarch64-linux-gnu/include");
  private static final Path ARM32 = Path.of("/usr/arm-linux-gnueabihf/include");
  private static final Path GCC = Path.of("/usr/bin/gcc");

  /** Names of {@code unistd.h} that are no calls. */
  private static final Pattern NO_CALL =
      Pattern.compile("syscalls|arch_specific_syscall|SYSCALL_BASE|SYSCALL_MASK|OABI_.*");

  /** Evaluates every {@code __NR_} macro of a header. */
  private static Map<String, Integer> header(String include, Path directory, String... options)
      throws IOException, InterruptedException {
    assumeTrue(Files.exists(GCC), "no C compiler (gcc)");
    assumeTrue(Files.exists(directory.resolve(include)), "no kernel headers in " + directory);
    String source = "#include <" + include + ">\n";
    StringBuilder probes = new StringBuilder(source);
    for (String line : preprocess(source, directory, "-dM", options)) {
      Matcher matcher = Pattern.compile("#define __(?:ARM_)?NR_(\\w+) .*").matcher(line);
      if (matcher.matches() && !NO_CALL.matcher(matcher.group(1)).matches()) {
        String macro = line.split(" ", 3)[1];
        if (!macro.equals("__ARM_NR_BASE")) {
          probes.append("@ ").append('"').append(matcher.group(1)).append("\" = ");
          probes.append(macro).append('\n');
        }
      }
    }
    Map<String, Integer> numbers = new TreeMap<>();
    for (String line : preprocess(probes.toString(), directory, "-P", options)) {
      Matcher matcher = Pattern.compile("@ \"(\\w+)\" = (.*)").matcher(line);
      if (matcher.matches()) {
        int sum = 0;
        for (String term : matcher.group(2).replaceAll("[()\\s]", "").split("\\+", -1)) {
          sum += Integer.decode(term);
        }
        numbers.put(matcher.group(1), sum & ~Abi.X32_BIT);
      }
    }
    assertThat(numbers).hasSizeGreaterThan(300);
    return numbers;
  }

  private static List<String> preprocess(
      String source, Path directory, String mode, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(GCC.toString(), "-E", mode, "-nostdinc"));
    command.addAll(List.of(options));
    command.addAll(List.of("-I", directory.toString(), "-I", "/usr/include", "-x", "c", "-"));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
      in.write(source);
    }
    List<String> lines;
    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
      lines = out.lines().toList();
    }
    assertThat(process.waitFor()).isZero();
    return lines;
  }

  private static Map<String, Integer> table(Abi abi) {
    Map<String, Integer> numbers = new TreeMap<>();
    SyscallTable table = SyscallTable.of(abi);
    table.names().forEach(name -> numbers.put(name, table.number(name).orElseThrow()));
    return numbers;
  }

  /** Headers may be older or newer than the table, never different. */
  private static void compare(Abi abi, Map<String, Integer> header) {
    Map<String, Integer> shared = new TreeMap<>(header);
    shared.values().removeIf(number -> number > 469 && number < 512);
    Map<String, Integer> table = table(abi);
    assertThat(table).containsAllEntriesOf(shared);
    table.keySet().removeAll(header.keySet());
    assertThat(table.values())
        .as("calls of %s that the headers do not have are newer than them", abi)
        .allMatch(number -> (number > 450 && number <= 469) || number == 335 || number == 336);
  }

  @Test
  void numbers_x86_64AreThoseOfTheHeader() throws Exception {
    compare(Abi.X86_64, header("asm/unistd_64.h", X86));
  }

  @Test
  void numbers_i386AreThoseOfTheHeader() throws Exception {
    compare(Abi.I386, header("asm/unistd_32.h", X86));
  }

  @Test
  void numbers_x32AreThoseOfTheHeader() throws Exception {
    compare(Abi.X32, header("asm/unistd_x32.h", X86, "-D__X32_SYSCALL_BIT=0x40000000"));
  }

  @Test
  void numbers_aarch64AreThoseOfTheHeader() throws Exception {
    compare(
        Abi.AARCH64, header("asm/unistd.h", ARM64, "-U__x86_64__", "-D__aarch64__", "-D__LP64__"));
  }

  @Test
  void numbers_armAreThoseOfTheHeader() throws Exception {
    compare(Abi.ARM, header("asm/unistd.h", ARM32, "-U__x86_64__", "-D__arm__", "-D__ARM_EABI__"));
  }

  @Test
  void numbers_armSamplesAreThoseOfTheKernelsTable() {
    assertThat(table(Abi.ARM))
        .containsEntry("restart_syscall", 0)
        .containsEntry("execve", 11)
        .containsEntry("umount2", 52)
        .containsEntry("clone", 120)
        .containsEntry("mmap2", 192)
        .containsEntry("socket", 281)
        .containsEntry("add_key", 309)
        .containsEntry("arm_sync_file_range", 341)
        .containsEntry("process_vm_writev", 377)
        .containsEntry("seccomp", 383)
        .containsEntry("io_pgetevents", 399)
        .containsEntry("clone3", 435)
        .containsEntry("set_tls", 983045)
        .doesNotContainKeys("time", "socketcall", "umount", "alarm", "memfd_secret");
  }

  @Test
  void numbers_newCallsAreTheSameOnEveryAbi() {
    for (Abi abi : Abi.values()) {
      assertThat(table(abi))
          .containsEntry("cachestat", 451)
          .containsEntry("fchmodat2", 452)
          .containsEntry("futex_requeue", 456)
          .containsEntry("mseal", 462)
          .containsEntry("removexattrat", 466)
          .containsEntry("file_setattr", 469);
    }
  }

  @Test
  void number_x32SharesEveryNumberBelow512WithX86_64() {
    Map<String, Integer> wide = table(Abi.X86_64);
    table(Abi.X32)
        .forEach(
            (name, number) -> {
              if (number < 512) {
                assertThat(wide).containsEntry(name, number);
              }
            });
  }

  @Test
  void name_isTheInverseOfNumber() {
    for (Abi abi : Abi.values()) {
      SyscallTable table = SyscallTable.of(abi);
      table.byNumber().forEach((number, name) -> assertThat(table.number(name)).hasValue(number));
    }
    assertThat(SyscallTable.of(Abi.X86_64).name(59)).hasValue("execve");
    assertThat(SyscallTable.of(Abi.X86_64).name(400)).isEmpty();
    assertThat(SyscallTable.of(Abi.AARCH64).number("open")).isEmpty();
    assertThat(SyscallTable.isKnown("socketcall")).isTrue();
    assertThat(SyscallTable.isKnown("no_such_call")).isFalse();
  }
}
