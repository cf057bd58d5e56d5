package dev.pinnace.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes of what {@code runc spec} wrote a bundle like a default container of ours: the same
 * capabilities, the same system-call filter, no network, no terminal.
 */
final class Bundle {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String PROFILE =
      "/dev/pinnace/internal/isolation/linux/seccomp/default.json";
  private static final List<String> CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_NET_RAW",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  private Bundle() {}

  /** Rewrites {@code config.json} in {@code bundle}. */
  static void harden(Path bundle, List<String> command, String cgroup) throws IOException {
    Path file = bundle.resolve("config.json");
    ObjectNode config = (ObjectNode) MAPPER.readTree(file.toFile());
    ObjectNode process = (ObjectNode) config.get("process");
    process.put("terminal", false);
    process.put("noNewPrivileges", false);
    process.set("args", MAPPER.valueToTree(command));
    ObjectNode capabilities = process.putObject("capabilities");
    for (String set : List.of("bounding", "effective", "permitted")) {
      capabilities.set(set, MAPPER.valueToTree(CAPABILITIES));
    }
    ((ObjectNode) config.get("root")).put("readonly", false);
    ObjectNode linux = (ObjectNode) config.get("linux");
    linux.put("cgroupsPath", cgroup);
    linux.set("seccomp", seccomp());
    Files.write(file, MAPPER.writeValueAsBytes(config));
  }

  /** Adds directories of the host to {@code config.json}, by their places. */
  static void bind(Path bundle, Map<String, Path> binds) throws IOException {
    Path file = bundle.resolve("config.json");
    ObjectNode config = (ObjectNode) MAPPER.readTree(file.toFile());
    ArrayNode mounts = (ArrayNode) config.get("mounts");
    binds.forEach(
        (place, source) -> {
          ObjectNode mount = mounts.addObject();
          mount.put("destination", place);
          mount.put("type", "bind");
          mount.put("source", source.toString());
          mount.putArray("options").add("rbind").add("rprivate");
        });
    Files.write(file, MAPPER.writeValueAsBytes(config));
  }

  private static ObjectNode seccomp() throws IOException {
    ObjectNode filter = MAPPER.createObjectNode();
    try (InputStream in = Bundle.class.getResourceAsStream(PROFILE)) {
      JsonNode profile = MAPPER.readTree(in);
      filter.set("defaultAction", profile.get("defaultAction"));
      filter.set("defaultErrnoRet", profile.get("defaultErrnoRet"));
      boolean arm = System.getProperty("os.arch", "").equals("aarch64");
      filter.putArray("architectures").add(arm ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64");
      ArrayNode calls = filter.putArray("syscalls");
      for (JsonNode rule : profile.get("syscalls")) {
        if (applies(rule, arm ? "arm64" : "amd64")) {
          calls.add(strip(rule.deepCopy()));
        }
      }
    }
    return filter;
  }

  private static boolean applies(JsonNode rule, String architecture) {
    JsonNode includes = rule.path("includes");
    JsonNode excludes = rule.path("excludes");
    return names(includes, "caps", Set.copyOf(CAPABILITIES), true)
        && names(includes, "arches", Set.of(architecture), true)
        && !names(excludes, "caps", Set.copyOf(CAPABILITIES), false)
        && !names(excludes, "arches", Set.of(architecture), false);
  }

  private static boolean names(JsonNode node, String field, Set<String> ours, boolean ifNone) {
    JsonNode listed = node.path(field);
    if (listed.isEmpty()) {
      return ifNone;
    }
    for (JsonNode name : listed) {
      if (ours.contains(name.asText())) {
        return true;
      }
    }
    return false;
  }

  private static ObjectNode strip(ObjectNode rule) {
    rule.remove(List.of("includes", "excludes", "comment"));
    return rule;
  }
}
