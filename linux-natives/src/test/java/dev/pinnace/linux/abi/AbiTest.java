package dev.pinnace.linux.abi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.compress.IsalInflater;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers that Java has of the kernel and the C library, against their headers. */
class AbiTest {
  @TempDir Path directory;

  private static List<Claim> claims(String machine) throws Exception {
    try (JavaSide java = new JavaSide(machine)) {
      return Claims.of(java);
    }
  }

  /** Every system call's number: the enum has both, whatever machine runs the test. */
  private static List<Claim> calls(String field) throws Exception {
    List<Claim> claims = new ArrayList<>();
    try (JavaSide java = new JavaSide(System.getProperty("os.arch"))) {
      java.constants("internal.jna.Sys", field)
          .forEach(
              (name, value) ->
                  claims.add(
                      new Claim(
                          "Sys." + name, "__NR_" + name.toLowerCase(Locale.ROOT), value, false)));
    }
    return claims;
  }

  @Test
  void constants_andLayouts_areThoseOfThisMachinesHeaders() throws Exception {
    String machine = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
    List<Claim> claims = claims(System.getProperty("os.arch"));
    assertThat(claims).hasSizeGreaterThan(400);
    Map<String, Long> inC = CCompiler.of(machine, directory).print(claims);
    Map<String, Long> inJava = new LinkedHashMap<>();
    claims.stream()
        .filter(claim -> !claim.newer() || inC.containsKey(claim.where()))
        .forEach(claim -> inJava.put(claim.where(), claim.value()));
    assertThat(inC).containsExactlyEntriesOf(inJava);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86_64", "aarch64"})
  void constants_andLayouts_areThoseOfBothMachinesHeaders(String machine) throws Exception {
    assertThat(CCompiler.of(machine, directory).check(claims(machine))).isEmpty();
  }

  @Test
  void callNumbers_areThoseOfX86_64() throws Exception {
    assertThat(CCompiler.of("x86_64", directory).check(calls("x86"))).isEmpty();
  }

  @Test
  void callNumbers_areThoseOfAarch64() throws Exception {
    assertThat(CCompiler.of("aarch64", directory).check(calls("arm"))).isEmpty();
  }

  @Test
  void isal_layoutIsThatOfItsHeader() throws Exception {
    List<Claim> claims = new ArrayList<>();
    try (JavaSide java = new JavaSide(System.getProperty("os.arch"))) {
      java.integers("compress.IsalInflater")
          .forEach((field, value) -> claims.add(new Claim(field, inIsal(field), value, false)));
    }
    claims.removeIf(claim -> claim.where().equals("SPARE") || claim.where().equals("BUFFER"));
    assertThat(claims).hasSize(10);
    String machine = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
    CCompiler compiler =
        CCompiler.of(machine, directory).including(Path.of("/usr/include/isa-l/igzip_lib.h"));
    assertThat(compiler.check(claims)).isEmpty();
    assertThat(IsalInflater.isAvailable()).isTrue();
  }

  private static String inIsal(String field) {
    if (field.startsWith("ISAL_")) {
      return field;
    }
    return field.equals("SIZE")
        ? "sizeof(struct inflate_state)"
        : "offsetof(struct inflate_state, " + field.toLowerCase(Locale.ROOT) + ")";
  }

  @Test
  void check_findsWhatIsWrong() throws Exception {
    List<Claim> wrong = List.of(new Claim("Fcntl.O_CREAT", "O_CREAT", 1, false));
    CCompiler compiler = CCompiler.of("x86_64", directory);
    assertThat(compiler.check(wrong)).anySatisfy(l -> assertThat(l).contains("Fcntl.O_CREAT"));
  }
}
