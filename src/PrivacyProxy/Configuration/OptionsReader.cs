using System.Collections;
using System.ComponentModel;
using System.Globalization;

namespace PrivacyProxy.Configuration;

/// <summary>
/// Reads a configuration section into options: every key must be known and every value must parse, and each problem
/// names its key. (The framework's binder ignores unknown keys and appends to default lists.) See docs/design/options.md.
/// </summary>
internal sealed class OptionsReader
{
    private readonly List<ConfigurationProblem> _problems = [];

    private OptionsReader() { }

    /// <summary>Reads and validates.</summary>
    /// <exception cref="InvalidConfigurationException">Something is wrong; nothing is applied.</exception>
    public static T Read<T>(IConfigurationSection section) where T : class, new()
    {
        var reader = new OptionsReader();
        var options = new T();
        reader.ReadObject(options, section, secret: false);
        // Rules over a value that did not parse would speak of the default that stands in for it.
        var unread = reader._problems.Select(static problem => problem.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var broken = new List<ConfigurationProblem>();
        OptionsValidation.Check(options, section.Path, broken);
        reader._problems.AddRange(broken.Where(problem => !unread.Any(key => IsWithin(key, problem.Key) || IsWithin(problem.Key, key))));
        return reader._problems.Count == 0 ? options : throw new InvalidConfigurationException(reader._problems);
    }

    private static bool IsWithin(string key, string section) =>
        key.StartsWith(section, StringComparison.OrdinalIgnoreCase) && (key.Length == section.Length || key[section.Length] == ':');

    private void ReadObject(object target, IConfigurationSection section, bool secret)
    {
        var properties = OptionsProperties.Of(target.GetType());
        var children = section.GetChildren().ToList();
        if (children.Count == 0 && !string.IsNullOrEmpty(section.Value))
            Report(section, secret, $"a section with the keys {string.Join(", ", properties.Select(p => p.Name))}");
        foreach (var child in children)
        {
            var property = properties.FirstOrDefault(p => string.Equals(p.Name, child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                _problems.Add(ConfigurationProblem.UnknownKey(child.Path, section.Path, properties.Select(static p => p.Name)));
                continue;
            }
            var hidden = secret || OptionsProperties.IsSecret(property);
            if (TryReadValue(property.PropertyType, property.GetValue(target), child, hidden, out var value))
                property.SetValue(target, value);
        }
    }

    private bool TryReadValue(Type type, object? current, IConfigurationSection section, bool secret, out object? value)
    {
        if (OptionsProperties.ElementType(type) is { } element) return TryReadList(element, section, secret, out value);
        if (OptionsProperties.IsSection(type))
        {
            value = current ?? Activator.CreateInstance(type)!;
            ReadObject(value, section, secret);
            return true;
        }
        return TryReadScalar(type, section, section.Value, secret, out value);
    }

    /// <summary>A list replaces its default: indexed children, or one value separated by commas or semicolons (for environment variables).</summary>
    private bool TryReadList(Type element, IConfigurationSection section, bool secret, out object? value)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        value = list;
        var complete = true;
        // A null takes away what a source below says.
        var children = section.GetChildren().Where(static child => child.Value is not null || child.GetChildren().Any()).ToList();
        if (children.Count == 0 && OptionsProperties.IsSection(element) && !string.IsNullOrEmpty(section.Value))
        {
            Report(section, secret, "a list of sections");
            return false;
        }
        foreach (var text in children.Count == 0 ? Split(section.Value) : [])
        {
            // What could not be read is no element: a list of numbers has no place for it.
            if (TryReadScalar(element, section, text, secret, out var item)) list.Add(item);
            else complete = false;
        }
        foreach (var child in children)
        {
            if (TryReadValue(element, null, child, secret, out var item)) list.Add(item);
            else complete = false;
        }
        return complete;
    }

    private bool TryReadScalar(Type type, IConfigurationSection section, string? text, bool secret, out object? value)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        value = null;
        if (section.GetChildren().Any())
        {
            _problems.Add(new ConfigurationProblem(section.Path, "a section", $"one value: {Expected(target)}"));
            return false;
        }
        if (target == typeof(string))
        {
            value = text;
            return true;
        }
        if (string.IsNullOrEmpty(text) && target != type) return true;
        if (text is not null && TryParse(target, text.Trim(), out value)) return true;
        Report(section, secret, Expected(target), text ?? "");
        return false;
    }

    private static bool TryParse(Type type, string text, out object? value)
    {
        value = null;
        if (type.IsEnum)
        {
            // Enum.Parse would take numbers and comma lists too.
            var name = Enum.GetNames(type).FirstOrDefault(n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase));
            if (name is not null) value = Enum.Parse(type, name);
            return name is not null;
        }
        // "30" would be thirty days: a duration must show its colons.
        if (type == typeof(TimeSpan) && !text.Contains(':', StringComparison.Ordinal)) return false;
        try
        {
            value = TypeDescriptor.GetConverter(type).ConvertFromString(null, CultureInfo.InvariantCulture, text);
            return value is not null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private static string Expected(Type type)
    {
        if (type.IsEnum) return $"one of {string.Join(", ", Enum.GetNames(type))}";
        if (type == typeof(bool)) return "true or false";
        if (type == typeof(TimeSpan)) return "a duration as hh:mm:ss or d.hh:mm:ss";
        if (type == typeof(Uri)) return "a URL";
        return type.IsPrimitive ? "a number" : "a value";
    }

    /// <summary>A list in one value: commas or semicolons between.</summary>
    public static string[] Split(string? text) =>
        (text ?? "").Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private void Report(IConfigurationSection section, bool secret, string expected, string? value = null) =>
        _problems.Add(new ConfigurationProblem(section.Path, secret ? ConfigurationProblem.Hidden : value ?? section.Value ?? "", expected));
}
