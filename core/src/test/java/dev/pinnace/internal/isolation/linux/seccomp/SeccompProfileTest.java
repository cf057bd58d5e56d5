package dev.pinnace.internal.isolation.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.linux.seccomp.ArgumentCondition;
import dev.pinnace.linux.seccomp.ArgumentCondition.Operator;
import dev.pinnace.linux.seccomp.SeccompAction;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeccompProfileTest {
  private static SeccompProfile withRule(String rule) {
    return SeccompProfile.parse(
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" + rule + "]}");
  }

  private static SeccompAction action(String fields) {
    return withRule("{\"names\": [\"mount\"], " + fields + "}").rules().get(0).action();
  }

  @Test
  void parse_readsEveryField() {
    SeccompProfile profile =
        SeccompProfile.parse(
            """
            {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
             "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]},
                         {"architecture": "SCMP_ARCH_RISCV64", "subArchitectures": null}],
             "flags": ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC"],
             "syscalls": [
               {"names": ["clone", "no_such_call"], "action": "SCMP_ACT_ALLOW", "comment": "",
                "args": [{"index": 5, "value": 18446744073709551615, "valueTwo": 3,
                          "op": "SCMP_CMP_MASKED_EQ"}],
                "includes": {"caps": ["CAP_SYS_ADMIN"], "minKernel": "5.3"},
                "excludes": {"arches": ["arm64"]}},
               {"name": "read", "action": "SCMP_ACT_LOG", "args": null, "includes": {}}]}
            """);
    assertThat(profile.defaultAction()).isEqualTo(SeccompAction.errno(38));
    assertThat(profile.archMap().get("SCMP_ARCH_X86_64")).containsExactly("SCMP_ARCH_X86");
    assertThat(profile.archMap().get("SCMP_ARCH_RISCV64")).isEmpty();
    assertThat(profile.flags()).isEqualTo(2);
    SeccompProfile.Rule clone = profile.rules().get(0);
    assertThat(clone.names()).containsExactly("clone", "no_such_call");
    assertThat(clone.conditions())
        .containsExactly(new ArgumentCondition(5, Operator.MASKED_EQ, -1L, 3));
    assertThat(clone.includes())
        .isEqualTo(
            new SeccompProfile.Filter(
                Set.of("CAP_SYS_ADMIN"), Set.of(), Optional.of(new KernelVersion(5, 3))));
    assertThat(clone.excludes().arches()).containsExactly("arm64");
    assertThat(profile.rules().get(1).names()).containsExactly("read");
    assertThat(profile.rules().get(1).includes()).isEqualTo(SeccompProfile.Filter.NONE);
  }

  @Test
  void parse_everyAction() {
    assertThat(
            List.of(
                action("\"action\": \"SCMP_ACT_ALLOW\""),
                action("\"action\": \"SCMP_ACT_ERRNO\""),
                action("\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38"),
                action("\"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"EINVAL\""),
                action("\"action\": \"SCMP_ACT_KILL\""),
                action("\"action\": \"SCMP_ACT_KILL_THREAD\""),
                action("\"action\": \"SCMP_ACT_KILL_PROCESS\""),
                action("\"action\": \"SCMP_ACT_TRAP\""),
                action("\"action\": \"SCMP_ACT_TRACE\", \"errnoRet\": 9"),
                action("\"action\": \"SCMP_ACT_LOG\"")))
        .extracting(SeccompAction::toString)
        .containsExactly(
            "allow",
            "errno EPERM",
            "errno ENOSYS",
            "errno EINVAL",
            "kill thread",
            "kill thread",
            "kill process",
            "trap",
            "trace 9",
            "log");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "'action': 'SCMP_ACT_FOO' | syscalls[0].action: \"SCMP_ACT_FOO\" is not an action;"
            + " SCMP_ACT_",
        "'action': 7 | syscalls[0].action: a string is needed, not 7",
        "'errnoRet': 1 | syscalls[0]: \"action\" is missing",
        "'action': 'SCMP_ACT_ERRNO', 'errnoRet': 4096 | errnoRet: a number from 0 to 4095 is"
            + " needed",
        "'action': 'SCMP_ACT_ERRNO', 'errno': 'EFOO' | errno: \"EFOO\" is not an error of errno(3)",
        "'action': 'SCMP_ACT_ERRNO', 'errno': 'EPERM', 'errnoRet': 2 | and the number 2 differ",
        "'action': 'SCMP_ACT_ALLOW', 'errnoRet': 1 | errnoRet: SCMP_ACT_ALLOW takes no error"
            + " number",
        "'action': 'SCMP_ACT_LOG', 'errno': 'EPERM' | errno: SCMP_ACT_LOG takes no error name",
        "'action': 'SCMP_ACT_LOG', 'name': 'read' | both \"name\" and \"names\" are given",
        "'action': 'SCMP_ACT_LOG', 'argz': [] | syscalls[0]: unknown field \"argz\"; known are"
            + " names,",
        "'action': 'SCMP_ACT_LOG', 'args': [{'op': 'SCMP_CMP_XX', 'index': 0, 'value': 1}]"
            + " | syscalls[0].args[0].op: \"SCMP_CMP_XX\" is not an operator; SCMP_CMP_NE,",
        "'action': 'SCMP_ACT_LOG', 'args': [{'op': 'SCMP_CMP_EQ', 'index': 6, 'value': 1}]"
            + " | args[0].index: a number from 0 to 5 is needed, not 6",
        "'action': 'SCMP_ACT_LOG', 'args': [{'op': 'SCMP_CMP_EQ', 'index': 0, 'value': -1}]"
            + " | args[0].value: a number from 0 to 2^64-1 is needed, not -1",
        "'action': 'SCMP_ACT_LOG', 'args': [{'op': 'SCMP_CMP_EQ', 'index': 0}]"
            + " | args[0]: \"value\" is missing",
        "'action': 'SCMP_ACT_LOG', 'args': {} | syscalls[0].args: an array is needed, not {}",
        "'action': 'SCMP_ACT_LOG', 'includes': {'minKernel': '4'}"
            + " | includes.minKernel: \"4\" is not a kernel version such as \"4.8\"",
        "'action': 'SCMP_ACT_LOG', 'excludes': {'cap': []} | excludes: unknown field \"cap\"",
      })
  void parse_namesThePlaceOfWhatIsWrong(String fields, String complaint) {
    assertThatThrownBy(() -> action(fields.replace('\'', '"')))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("seccomp profile, syscalls[0]")
        .hasMessageContaining(complaint);
  }

  @Test
  void parse_badJsonIsRefusedWithItsPosition() {
    assertThatThrownBy(() -> SeccompProfile.parse("{\n  \"defaultAction\" \"x\"}"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("seccomp profile is not valid JSON at line 2, column");
    assertThatThrownBy(() -> SeccompProfile.parse("{\"flags\": ["))
        .hasMessageContaining("start marker at line: 1, column: 11")
        .hasMessageNotContaining("Source");
    assertThatThrownBy(() -> SeccompProfile.parse("{\"flags\": [], \"flags\": []}"))
        .hasMessageContaining("Duplicate field 'flags'");
    assertThatThrownBy(() -> SeccompProfile.parse("{\"defaultAction\": \"SCMP_ACT_LOG\"} {}"))
        .hasMessageContaining("not valid JSON");
    assertThatThrownBy(() -> SeccompProfile.parse("")).isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> SeccompProfile.parse("[]"))
        .hasMessage("seccomp profile: an object is needed, not []");
    assertThatThrownBy(() -> SeccompProfile.parse("{}"))
        .hasMessage("seccomp profile: \"defaultAction\" is missing");
  }

  @Test
  void parse_architecturesAreKnownAndNotGivenTwice() {
    String start = "{\"defaultAction\": \"SCMP_ACT_LOG\", \"architectures\": [\"SCMP_ARCH_";
    assertThat(SeccompProfile.parse(start + "X86\"]}").architectures())
        .containsExactly("SCMP_ARCH_X86");
    assertThatThrownBy(() -> SeccompProfile.parse(start + "Z80\"]}"))
        .hasMessageContaining("architectures[0]: \"SCMP_ARCH_Z80\" is not an architecture");
    assertThatThrownBy(
            () ->
                SeccompProfile.parse(
                    start + "X86\"], \"archMap\": [{\"architecture\": \"SCMP_ARCH_ARM\"}]}"))
        .hasMessageContaining("both \"architectures\" and \"archMap\" are given");
  }

  @Test
  void parse_listenersAreRefusedAsUnsupported() {
    assertThatThrownBy(() -> action("\"action\": \"SCMP_ACT_NOTIFY\""))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("SCMP_ACT_NOTIFY is not available")
        .hasMessageContaining("use SCMP_ACT_ERRNO");
    assertThatThrownBy(
            () ->
                SeccompProfile.parse(
                    "{\"defaultAction\": \"SCMP_ACT_LOG\", \"listenerPath\": \"/x\"}"))
        .isInstanceOf(UnsupportedException.class);
    assertThatThrownBy(
            () ->
                SeccompProfile.parse(
                    "{\"defaultAction\": \"SCMP_ACT_LOG\","
                        + " \"flags\": [\"SECCOMP_FILTER_FLAG_NEW_LISTENER\"]}"))
        .hasMessageContaining("is not a supported flag");
  }
}
