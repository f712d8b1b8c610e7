using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace PrivacyProxy.Configuration;

/// <summary>
/// Checks the rules of options: validation attributes on properties, and <see cref="IValidatableObject"/> for what takes
/// more, whose message says what is expected and whose first member name is the key (relative, may hold colons).
/// </summary>
internal static class OptionsValidation
{
    public static void Check(object options, string path, List<ConfigurationProblem> problems)
    {
        foreach (var property in OptionsProperties.Of(options.GetType()))
        {
            var value = property.GetValue(options);
            var key = $"{path}:{property.Name}";
            CheckAttributes(property, value, key, problems);
            if (value is not null && OptionsProperties.IsSection(property.PropertyType)) Check(value, key, problems);
            if (value is not IList list || OptionsProperties.ElementType(property.PropertyType) is not { } element || !OptionsProperties.IsSection(element)) continue;
            for (var i = 0; i < list.Count; i++) Check(list[i]!, $"{key}:{i}", problems);
        }
        if (options is not IValidatableObject rules) return;
        foreach (var result in rules.Validate(new ValidationContext(options)))
        {
            var member = result.MemberNames.FirstOrDefault() ?? "";
            problems.Add(new ConfigurationProblem($"{path}:{member}", Shown(options, member), result.ErrorMessage ?? "another value"));
        }
    }

    private static void CheckAttributes(PropertyInfo property, object? value, string key, List<ConfigurationProblem> problems)
    {
        foreach (var attribute in property.GetCustomAttributes<ValidationAttribute>())
        {
            if (attribute.IsValid(value)) continue;
            var expected = attribute switch
            {
                _ when attribute.ErrorMessage is { } message => message,
                RangeAttribute range => $"{range.Minimum} to {range.Maximum}",
                RequiredAttribute => "a value",
                _ => attribute.FormatErrorMessage(property.Name),
            };
            problems.Add(new ConfigurationProblem(key, OptionsProperties.IsSecret(property) && value is not null ? ConfigurationProblem.Hidden : Text(value), expected));
        }
    }

    /// <summary>Follows a relative key such as <c>Urls:0</c> to the value to show.</summary>
    private static string? Shown(object options, string member)
    {
        object? value = options;
        foreach (var part in member.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            if (value is IList list && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                value = index < list.Count ? list[index] : null;
                continue;
            }
            var property = value?.GetType().GetProperty(part);
            if (property is not null && OptionsProperties.IsSecret(property)) return ConfigurationProblem.Hidden;
            value = property?.GetValue(value);
        }
        return Text(value);
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        IEnumerable items => string.Join(',', items.Cast<object?>()),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
