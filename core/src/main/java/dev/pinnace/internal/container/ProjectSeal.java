package dev.pinnace.internal.container;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pinnace.internal.json.JsonTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Forbids, in a seccomp profile, what takes files out of the project that limits their size: the
 * ioctl FS_IOC_FSSETXATTR, which their owner may call outside of user namespaces, and
 * file_setattr(2). Such an ioctl fails with EPERM.
 */
public final class ProjectSeal {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String IOCTL = "ioctl";
  private static final String FILE_SETATTR = "file_setattr";
  private static final Set<String> PERMITTING = Set.of("SCMP_ACT_ALLOW", "SCMP_ACT_LOG");
  private static final String MASKED_EQ = "SCMP_CMP_MASKED_EQ";

  /** FS_IOC_FSSETXATTR of linux/fs.h; the kernel looks at the low 32 bits of a request. */
  private static final long REQUEST = 0x401C5820L;

  private static final long WHOLE = 0xFFFFFFFFL;

  private ProjectSeal() {}

  /**
   * The profile with that forbidden. One that is no profile is returned as it is, for whoever
   * compiles it to complain about; conditions on ioctl that it has itself stay.
   */
  public static String on(String profile) {
    JsonNode document;
    try (JsonParser parser = JSON.createParser(profile)) {
      document = JsonTree.read(parser);
    } catch (IOException malformed) {
      return profile;
    }
    if (!(document instanceof ObjectNode top)
        || !(top.path("syscalls") instanceof ArrayNode rules)) {
      return profile;
    }
    List<JsonNode> sealed = new ArrayList<>();
    for (JsonNode rule : rules) {
      seal(rule, sealed);
    }
    if (PERMITTING.contains(top.path("defaultAction").asText())) {
      ObjectNode refusal = rule(top, IOCTL, "SCMP_ACT_ERRNO");
      condition(refusal.putArray("args"), WHOLE, REQUEST);
      sealed.add(refusal);
      sealed.add(rule(top, FILE_SETATTR, "SCMP_ACT_ERRNO"));
    }
    rules.removeAll();
    rules.addAll(sealed);
    return top.toString();
  }

  private static void seal(JsonNode rule, List<JsonNode> sealed) {
    List<String> names = names(rule);
    boolean permits = PERMITTING.contains(rule.path("action").asText());
    if (!permits || !(names.contains(IOCTL) || names.contains(FILE_SETATTR))) {
      sealed.add(rule);
      return;
    }
    names.remove(FILE_SETATTR);
    if (rule.path("args").isEmpty() && names.remove(IOCTL)) {
      ObjectNode others = named(rule, List.of(IOCTL));
      ArrayNode args = others.putArray("args");
      for (long bit = 1; bit <= WHOLE; bit <<= 1) { // one that differs will do
        condition(args, bit, ~REQUEST & bit);
      }
      sealed.add(others);
    }
    if (!names.isEmpty()) {
      sealed.add(named(rule, names));
    }
  }

  private static List<String> names(JsonNode rule) {
    List<String> names = new ArrayList<>();
    rule.path("names").forEach(name -> names.add(name.asText()));
    if (rule.has("name")) {
      names.add(rule.path("name").asText());
    }
    return names;
  }

  private static ObjectNode named(JsonNode rule, List<String> names) {
    ObjectNode copy = rule.deepCopy();
    copy.remove("name");
    ArrayNode list = copy.putArray("names");
    names.forEach(list::add);
    return copy;
  }

  private static ObjectNode rule(ObjectNode top, String name, String action) {
    ObjectNode rule = top.objectNode();
    rule.putArray("names").add(name);
    return rule.put("action", action);
  }

  private static void condition(ArrayNode args, long mask, long value) {
    args.addObject().put("index", 1).put("value", mask).put("valueTwo", value).put("op", MASKED_EQ);
  }
}
