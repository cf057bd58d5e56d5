package dev.pinnace.internal.json;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What there is to know about a class of records; found out once. Records must be public, and their
 * packages this module's.
 */
record RecordShape(Constructor<?> constructor, List<RecordComponent> components) {
  private static final Map<Class<?>, RecordShape> KNOWN = new ConcurrentHashMap<>();

  static RecordShape of(Class<?> type) {
    RecordShape known = KNOWN.get(type);
    if (known == null) {
      known = find(type);
      KNOWN.put(type, known);
    }
    return known;
  }

  private static RecordShape find(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < types.length; i++) {
      types[i] = components[i].getType();
    }
    try {
      return new RecordShape(type.getDeclaredConstructor(types), List.of(components));
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("a record without its constructor: " + type, e);
    }
  }

  static @Nullable Object value(RecordComponent component, Record record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("cannot read " + component + " of " + record, e);
    }
  }

  /**
   * Makes a record.
   *
   * @throws IllegalArgumentException when the record refuses the values
   */
  Object make(Object[] values) {
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(String.valueOf(e.getCause()), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make a record with " + constructor, e);
    }
  }
}
