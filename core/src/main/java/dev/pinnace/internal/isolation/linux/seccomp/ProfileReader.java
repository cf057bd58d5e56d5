package dev.pinnace.internal.isolation.linux.seccomp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.isolation.linux.seccomp.SeccompProfile.Filter;
import dev.pinnace.internal.isolation.linux.seccomp.SeccompProfile.Rule;
import dev.pinnace.internal.json.JsonTree;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.seccomp.ArgumentCondition;
import dev.pinnace.linux.seccomp.ArgumentCondition.Operator;
import dev.pinnace.linux.seccomp.SeccompAction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads profiles: Docker's fields, and of Podman's the names of errors ({@code errno}, {@code
 * defaultErrno}).
 */
final class ProfileReader {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final Set<String> TOP =
      fields("defaultAction defaultErrnoRet defaultErrno architectures archMap flags syscalls");
  private static final Set<String> ARCH = fields("architecture subArchitectures");
  private static final Set<String> RULE =
      fields("names name action errnoRet errno args comment includes excludes");
  private static final Set<String> ARGUMENT = fields("index value valueTwo op");
  private static final Set<String> FILTER = fields("caps arches minKernel");
  private static final Set<String> LISTENER = fields("listenerPath listenerMetadata");

  private static final Set<String> ARCHITECTURES =
      fields(
          "SCMP_ARCH_X86 SCMP_ARCH_X86_64 SCMP_ARCH_X32 SCMP_ARCH_ARM SCMP_ARCH_AARCH64"
              + " SCMP_ARCH_MIPS SCMP_ARCH_MIPS64 SCMP_ARCH_MIPS64N32 SCMP_ARCH_MIPSEL"
              + " SCMP_ARCH_MIPSEL64 SCMP_ARCH_MIPSEL64N32 SCMP_ARCH_PPC SCMP_ARCH_PPC64"
              + " SCMP_ARCH_PPC64LE SCMP_ARCH_S390 SCMP_ARCH_S390X SCMP_ARCH_PARISC"
              + " SCMP_ARCH_PARISC64 SCMP_ARCH_RISCV64 SCMP_ARCH_LOONGARCH64 SCMP_ARCH_M68K"
              + " SCMP_ARCH_SH SCMP_ARCH_SHEB");

  /** SECCOMP_FILTER_FLAG_*; TSYNC is not among the bits: a container starts with one thread. */
  private static final Map<String, Integer> FLAGS =
      Map.of(
          "SECCOMP_FILTER_FLAG_TSYNC", 0,
          "SECCOMP_FILTER_FLAG_LOG", 1 << 1,
          "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 1 << 2);

  private static final int MAX_ERRNO = 4095;

  private ProfileReader() {}

  private static Set<String> fields(String names) {
    return new LinkedHashSet<>(Arrays.asList(names.split(" ", -1)));
  }

  static SeccompProfile read(String json) {
    return profile(new ProfileNode(tree(json), ""));
  }

  private static JsonNode tree(String json) {
    try (JsonParser parser = JSON.createParser(json)) {
      return JsonTree.read(parser);
    } catch (JsonProcessingException malformed) {
      JsonLocation at = malformed.getLocation();
      String place =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw new InvalidSpecException(
          "seccomp profile is not valid JSON" + place + ": " + JsonTree.reason(malformed),
          malformed);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static SeccompProfile profile(ProfileNode document) {
    Set<String> known = new LinkedHashSet<>(TOP);
    known.addAll(LISTENER);
    document.object(known);
    for (String listener : LISTENER) {
      if (document.field(listener).isPresent()) {
        throw listenerNeeded(listener);
      }
    }
    List<String> architectures = architectures(document, "architectures");
    Map<String, List<String>> archMap = new HashMap<>();
    for (ProfileNode entry : document.elements("archMap")) {
      entry.object(ARCH);
      archMap.put(
          architecture(entry.required("architecture")), architectures(entry, "subArchitectures"));
    }
    if (!architectures.isEmpty() && !archMap.isEmpty()) {
      throw document.complaint("both \"architectures\" and \"archMap\" are given; keep one");
    }
    List<Rule> rules = document.elements("syscalls").stream().map(ProfileReader::rule).toList();
    int flags = 0;
    for (ProfileNode flag : document.elements("flags")) {
      Integer bit = FLAGS.get(flag.text());
      if (bit == null) {
        throw flag.complaint(flag.shown() + " is not a supported flag");
      }
      flags |= bit;
    }
    SeccompAction standard = action(document, "defaultAction", "defaultErrnoRet", "defaultErrno");
    return new SeccompProfile(standard, architectures, archMap, rules, flags);
  }

  private static List<String> architectures(ProfileNode of, String name) {
    return of.elements(name).stream().map(ProfileReader::architecture).toList();
  }

  private static String architecture(ProfileNode node) {
    if (!ARCHITECTURES.contains(node.text())) {
      throw node.complaint(
          node.shown() + " is not an architecture; libseccomp's constants are, SCMP_ARCH_X86_64");
    }
    return node.text();
  }

  private static Rule rule(ProfileNode rule) {
    rule.object(RULE);
    List<String> names = rule.texts("names");
    Optional<ProfileNode> name = rule.field("name");
    if (name.isPresent()) {
      if (!names.isEmpty()) {
        throw rule.complaint("both \"name\" and \"names\" are given; keep \"names\"");
      }
      names = List.of(name.get().text());
    }
    if (names.isEmpty()) {
      throw rule.complaint("\"names\" is missing or empty");
    }
    List<ArgumentCondition> conditions =
        rule.elements("args").stream().map(ProfileReader::condition).toList();
    return new Rule(
        names,
        action(rule, "action", "errnoRet", "errno"),
        conditions,
        filter(rule, "includes"),
        filter(rule, "excludes"));
  }

  private static SeccompAction action(ProfileNode of, String field, String number, String name) {
    ProfileNode action = of.required(field);
    Optional<ProfileNode> data = of.field(number);
    Optional<ProfileNode> error = of.field(name);
    SeccompAction plain =
        switch (action.text()) {
          case "SCMP_ACT_ALLOW" -> SeccompAction.ALLOW;
          case "SCMP_ACT_LOG" -> SeccompAction.LOG;
          case "SCMP_ACT_TRAP" -> SeccompAction.TRAP;
          case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> SeccompAction.KILL_THREAD;
          case "SCMP_ACT_KILL_PROCESS" -> SeccompAction.KILL_PROCESS;
          case "SCMP_ACT_ERRNO" -> SeccompAction.errno(errno(data, error));
          case "SCMP_ACT_TRACE" ->
              SeccompAction.trace(data.map(value -> value.integer(0xFFFF)).orElse(Errno.EPERM));
          case "SCMP_ACT_NOTIFY" -> throw listenerNeeded("SCMP_ACT_NOTIFY");
          default ->
              throw action.complaint(
                  action.shown()
                      + " is not an action; SCMP_ACT_ALLOW, ERRNO, KILL, KILL_THREAD,"
                      + " KILL_PROCESS, LOG, TRACE and TRAP are");
        };
    boolean takesData =
        action.text().equals("SCMP_ACT_ERRNO") || action.text().equals("SCMP_ACT_TRACE");
    if (data.isPresent() && !takesData) {
      throw data.get().complaint(action.text() + " takes no error number");
    }
    if (error.isPresent() && !action.text().equals("SCMP_ACT_ERRNO")) {
      throw error.get().complaint(action.text() + " takes no error name");
    }
    return plain;
  }

  private static int errno(Optional<ProfileNode> number, Optional<ProfileNode> name) {
    Optional<Integer> given = number.map(value -> value.integer(MAX_ERRNO));
    if (name.isEmpty()) {
      return given.orElse(Errno.EPERM);
    }
    ProfileNode node = name.get();
    int named = Errno.number(node.text());
    if (named == 0) {
      throw node.complaint(node.shown() + " is not an error of errno(3)");
    }
    if (given.isPresent() && given.get() != named) {
      throw node.complaint(node.shown() + " and the number " + given.get() + " differ");
    }
    return named;
  }

  private static ArgumentCondition condition(ProfileNode argument) {
    argument.object(ARGUMENT);
    ProfileNode op = argument.required("op");
    String prefix = "SCMP_CMP_";
    List<String> known = new ArrayList<>();
    for (Operator operator : Operator.values()) {
      known.add(prefix + operator.name());
      if (op.text().equals(prefix + operator.name())) {
        return new ArgumentCondition(
            argument.required("index").integer(5),
            operator,
            argument.required("value").unsigned(),
            argument.field("valueTwo").map(ProfileNode::unsigned).orElse(0L));
      }
    }
    throw op.complaint(op.shown() + " is not an operator; " + String.join(", ", known) + " are");
  }

  private static Filter filter(ProfileNode rule, String name) {
    Optional<ProfileNode> field = rule.field(name);
    if (field.isEmpty()) {
      return Filter.NONE;
    }
    ProfileNode filter = field.get().object(FILTER);
    return new Filter(
        Set.copyOf(filter.texts("caps")),
        Set.copyOf(filter.texts("arches")),
        filter
            .field("minKernel")
            .filter(node -> !node.text().isEmpty())
            .map(ProfileReader::kernel));
  }

  private static KernelVersion kernel(ProfileNode node) {
    return KernelVersion.parse(node.text())
        .orElseThrow(
            () -> node.complaint(node.shown() + " is not a kernel version such as \"4.8\""));
  }

  private static UnsupportedException listenerNeeded(String what) {
    return new UnsupportedException(
        "seccomp's " + what,
        "calls would wait for a listener, and Pinnace has none",
        "use SCMP_ACT_ERRNO or SCMP_ACT_LOG in the profile");
  }
}
