package dev.pinnace.examples.cli;

import dev.pinnace.spec.VolumeState;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** A volume as {@code docker volume inspect} prints it. */
final class VolumeDocument {
  private VolumeDocument() {}

  static Map<String, Object> of(VolumeState volume) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("CreatedAt", volume.created().truncatedTo(ChronoUnit.SECONDS).toString());
    document.put("Driver", volume.spec().driver());
    document.put("Labels", volume.spec().labels());
    document.put("Mountpoint", volume.path().map(Object::toString).orElse(""));
    document.put("Name", volume.name());
    document.put("Options", volume.spec().options());
    document.put("Scope", "local");
    return document;
  }
}
