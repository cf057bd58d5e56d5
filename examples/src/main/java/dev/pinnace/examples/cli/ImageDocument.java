package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.spec.ImageReference;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** An image as {@code docker inspect} prints it. */
final class ImageDocument {
  private ImageDocument() {}

  static Map<String, Object> of(Image image) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Id", image.id().toString());
    document.put("RepoTags", image.references());
    document.put(
        "RepoDigests",
        image.references().stream()
            .map(ImageReference::parse)
            .map(name -> name.familiarName() + "@" + image.digest())
            .distinct()
            .toList());
    document.put("Created", image.config().created().map(Instant::toString).orElse(""));
    document.put("Author", image.config().author().orElse(""));
    document.put("Architecture", image.config().platform().architecture());
    document.put("Os", image.config().platform().os());
    document.put("Size", image.size());
    document.put("Config", config(image.config().config()));
    document.put(
        "RootFS",
        Map.of(
            "Type",
            "layers",
            "Layers",
            image.config().diffIds().stream().map(Object::toString).toList()));
    return document;
  }

  private static Map<String, Object> config(ExecutionConfig config) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("User", config.user());
    result.put("Env", config.env());
    result.put("Cmd", config.cmd());
    result.put("Entrypoint", config.entrypoint());
    result.put("WorkingDir", config.workingDir());
    result.put("ExposedPorts", set(config.exposedPorts()));
    result.put("Volumes", set(config.volumes()));
    result.put("Labels", config.labels());
    result.put("StopSignal", config.stopSignal().orElse(""));
    return result;
  }

  /** A set as the image specification has it in JSON: the members of an object. */
  private static Map<String, Object> set(Collection<?> members) {
    Map<String, Object> result = new LinkedHashMap<>();
    members.forEach(member -> result.put(member.toString(), Map.of()));
    return result;
  }
}
