package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageHealthcheck;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageStep;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An image as {@code docker inspect} prints it. */
final class ImageDocument {
  private ImageDocument() {}

  static Map<String, Object> of(Image image, Pinnace pinnace) {
    ImageConfig config = image.config();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Id", image.id().toString());
    document.put("RepoTags", tags(image));
    document.put("RepoDigests", digests(image));
    document.put("Parent", "");
    document.put("Comment", comment(image, pinnace));
    document.put("Created", config.created().map(Instant::toString).orElse(""));
    document.put("DockerVersion", "");
    document.put("Author", config.author().orElse(""));
    document.put("Config", config(config.config()));
    document.put("Architecture", config.platform().architecture());
    if (!config.platform().variant().isEmpty()) {
      document.put("Variant", config.platform().variant());
    }
    document.put("Os", config.platform().os());
    document.put("Size", image.size().count());
    document.put("GraphDriver", with("Name", pinnace.info().storage(), "Data", null));
    document.put(
        "RootFS",
        with("Type", "layers", "Layers", config.diffIds().stream().map(Object::toString).toList()));
    document.put("Metadata", with("LastTagTime", "0001-01-01T00:00:00Z"));
    return document;
  }

  /** A name that is a digest alone is none of them. */
  private static List<String> tags(Image image) {
    return image.references().stream()
        .map(ImageReference::parse)
        .filter(name -> name.tag().isPresent() && name.digest().isEmpty())
        .map(ImageReference::familiar)
        .toList();
  }

  private static List<String> digests(Image image) {
    return image.references().stream()
        .map(ImageReference::parse)
        .map(name -> name.familiarName() + "@" + image.digest())
        .distinct()
        .toList();
  }

  private static String comment(Image image, Pinnace pinnace) {
    return pinnace.images().history(image.id().toString()).stream()
        .findFirst()
        .map(ImageStep::comment)
        .orElse("");
  }

  private static Map<String, Object> config(ExecutionConfig config) {
    Map<String, Object> result = with("Hostname", "", "Domainname", "", "User", config.user());
    result.putAll(with("AttachStdin", false, "AttachStdout", false, "AttachStderr", false));
    if (!config.exposedPorts().isEmpty()) {
      result.put("ExposedPorts", set(config.exposedPorts()));
    }
    result.putAll(with("Tty", false, "OpenStdin", false, "StdinOnce", false));
    result.put("Env", orNull(config.env()));
    result.put("Cmd", orNull(config.cmd()));
    config.healthcheck().ifPresent(check -> result.put("Healthcheck", healthcheck(check)));
    result.put("Image", "");
    result.put("Volumes", config.volumes().isEmpty() ? null : set(config.volumes()));
    result.put("WorkingDir", config.workingDir());
    result.put("Entrypoint", orNull(config.entrypoint()));
    result.put("OnBuild", orNull(config.onBuild()));
    result.put("Labels", config.labels().isEmpty() ? null : config.labels());
    config.stopSignal().ifPresent(signal -> result.put("StopSignal", signal));
    if (!config.shell().isEmpty()) {
      result.put("Shell", config.shell());
    }
    return result;
  }

  private static Map<String, Object> healthcheck(ImageHealthcheck check) {
    Map<String, Object> result = with("Test", check.test());
    result.put("Interval", check.interval().toNanos());
    result.put("Timeout", check.timeout().toNanos());
    result.put("StartPeriod", check.startPeriod().toNanos());
    result.put("StartInterval", check.startInterval().toNanos());
    result.put("Retries", check.retries());
    result.values().removeIf(value -> value.equals(0) || value.equals(0L));
    return result;
  }

  private static @Nullable List<String> orNull(List<String> list) {
    return list.isEmpty() ? null : list;
  }

  private static Map<String, Object> with(@Nullable Object... namesAndValues) {
    Map<String, Object> result = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      result.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return result;
  }

  /** A set as the image specification has it in JSON: the members of an object. */
  private static Map<String, Object> set(Collection<?> members) {
    Map<String, Object> result = new LinkedHashMap<>();
    members.forEach(member -> result.put(member.toString(), Map.of()));
    return result;
  }
}
