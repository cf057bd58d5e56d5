package dev.pinnace.linux.abi;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The classes of this module as a JVM of either architecture sees them; nothing native is run. */
final class JavaSide implements AutoCloseable {
  private static final String ROOT = "dev.pinnace.linux.";

  private final URLClassLoader loader;

  /** Loads them anew, with {@code os.arch} as that architecture has it. */
  JavaSide(String osArch) {
    String[] path = System.getProperty("java.class.path").split(File.pathSeparator, -1);
    URL[] urls = new URL[path.length];
    try {
      for (int i = 0; i < path.length; i++) {
        urls[i] = Path.of(path[i]).toUri().toURL();
      }
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
    loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    String before = System.setProperty("os.arch", osArch);
    try {
      load("Kernel");
    } finally {
      System.setProperty("os.arch", before);
    }
  }

  /** A class by its name below {@code dev.pinnace.linux}, initialized. */
  Class<?> load(String name) {
    try {
      return Class.forName(ROOT + name, true, loader);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  /** All static integers of a class, private ones too, by name in the order of their source. */
  Map<String, Long> integers(String type) {
    Map<String, Long> integers = new LinkedHashMap<>();
    for (Field field : load(type).getDeclaredFields()) {
      Class<?> kind = field.getType();
      boolean integer = kind == int.class || kind == long.class;
      if (Modifier.isStatic(field.getModifiers()) && integer) {
        integers.put(field.getName(), ((Number) get(field, type)).longValue());
      }
    }
    return integers;
  }

  /** One of {@link #integers}. */
  long integer(String type, String field) {
    return Objects.requireNonNull(integers(type).get(field), field);
  }

  /** All constants of an enum, by name, with the value of a field of theirs. */
  Map<String, Long> constants(String type, String fieldName) {
    Map<String, Long> values = new LinkedHashMap<>();
    for (Object constant : load(type).getEnumConstants()) {
      values.put(((Enum<?>) constant).name(), number(constant, fieldName));
    }
    return values;
  }

  /** An integer field of an object. */
  static long number(Object of, String fieldName) {
    try {
      return ((Number) get(of.getClass().getDeclaredField(fieldName), of)).longValue();
    } catch (NoSuchFieldException e) {
      throw new AssertionError(e);
    }
  }

  private static Object get(Field field, Object of) {
    try {
      field.setAccessible(true);
      return field.get(of);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() throws IOException {
    loader.close();
  }
}
