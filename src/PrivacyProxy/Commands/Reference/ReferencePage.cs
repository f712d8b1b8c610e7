using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Reference;

/// <summary>A page of every key below a root: what it means, its default and what it takes.</summary>
internal sealed class ReferencePage
{
    private readonly StringBuilder _text = new();
    private readonly XmlSummaries _summaries = new();

    private ReferencePage() { }

    public static string Of<T>(string program, string command, string section) where T : class, new()
    {
        var page = new ReferencePage();
        page._text.Append(CultureInfo.InvariantCulture, $"""
            # Settings of the {program}

            Made by `privacy-proxy reference` from the options classes; not written by hand. Each key can stand in `appsettings.json`, in the file
            of `--config`, in the environment (`{section}__Key__Key=value`) and, where there is one, in a flag (`privacy-proxy {command} --help`),
            in rising order. A key that does not exist, or a value that is not taken, stops the start with a line for each.

            """);
        page.WriteSection(new T(), section, intro: null);
        return page._text.ToString();
    }

    private void WriteSection(object options, string section, string? intro)
    {
        _text.Append(CultureInfo.InvariantCulture, $"\n## {section}\n\n");
        if (intro is not null) _text.Append(intro).Append("\n\n");
        var properties = OptionsProperties.Of(options.GetType());
        var values = properties.Where(static property => SectionOf(property.PropertyType) is null).ToList();
        if (values.Count > 0) _text.Append("| key | default | takes | |\n|---|---|---|---|\n");
        foreach (var property in values)
            _text.Append(CultureInfo.InvariantCulture, $"| `{property.Name}` | {Default(property, options)} | {Takes(property)} | {_summaries.Of(property)} |\n");
        foreach (var property in properties)
        {
            if (SectionOf(property.PropertyType) is not { } type) continue;
            var isList = type != property.PropertyType;
            WriteSection((isList ? null : property.GetValue(options)) ?? Activator.CreateInstance(type)!, $"{section}:{property.Name}{(isList ? ":n" : "")}", _summaries.Of(type));
        }
    }

    /// <summary>The class whose keys stand below a property, for a list those of each element; null for one value.</summary>
    private static Type? SectionOf(Type type) =>
        OptionsProperties.IsSection(type) ? type : OptionsProperties.ElementType(type) is { } element && OptionsProperties.IsSection(element) ? element : null;

    private static string Default(PropertyInfo property, object options)
    {
        // Of what depends on the machine, in words.
        if (property.GetCustomAttribute<DefaultValueAttribute>() is { Value: string words }) return words;
        return property.GetValue(options) switch
        {
            null or "" => "",
            string text => $"`{text}`",
            bool flag => flag ? "`true`" : "`false`",
            IEnumerable items => string.Join(", ", items.Cast<object>().Select(static item => $"`{item}`")),
            IFormattable value => $"`{value.ToString(null, CultureInfo.InvariantCulture)}`",
            var other => $"`{other}`",
        };
    }

    private static string Takes(PropertyInfo property)
    {
        var type = OptionsProperties.ElementType(property.PropertyType) ?? property.PropertyType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        var kind = type switch
        {
            _ when type.IsEnum => string.Join(", ", Enum.GetNames(type).Select(static name => $"`{name}`")),
            _ when type == typeof(bool) => "`true`, `false`",
            _ when type == typeof(TimeSpan) => "duration",
            _ when type.IsPrimitive => "number",
            _ => "text",
        };
        if (property.GetCustomAttribute<RangeAttribute>() is { } range) kind = string.Create(CultureInfo.InvariantCulture, $"`{range.Minimum}` to `{range.Maximum}`");
        return OptionsProperties.ElementType(property.PropertyType) is null ? kind : $"list of {kind}";
    }
}
