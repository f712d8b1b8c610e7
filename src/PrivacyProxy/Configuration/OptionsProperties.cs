using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace PrivacyProxy.Configuration;

/// <summary>What counts as a key, a section and a list in options types.</summary>
internal static class OptionsProperties
{
    /// <summary>The keys: public properties that can be read and set.</summary>
    public static IReadOnlyList<PropertyInfo> Of(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p is { CanRead: true, SetMethod.IsPublic: true })];

    /// <summary>A section is a class of ours; everything else, and what the platform has, is one value.</summary>
    public static bool IsSection(Type type) => type.IsClass && type.Namespace is { } name && !name.StartsWith(nameof(System), StringComparison.Ordinal);

    /// <summary>Whether the value is never shown; other assemblies say so by the platform's attribute for passwords.</summary>
    public static bool IsSecret(PropertyInfo property) =>
        property.IsDefined(typeof(SecretAttribute)) || property.GetCustomAttribute<DataTypeAttribute>() is { DataType: DataType.Password };

    /// <summary>The element type where a property is a list, else null.</summary>
    public static Type? ElementType(Type type)
    {
        if (!type.IsGenericType) return null;
        var definition = type.GetGenericTypeDefinition();
        return definition == typeof(IList<>) || definition == typeof(List<>) || definition == typeof(IReadOnlyList<>)
            ? type.GetGenericArguments()[0]
            : null;
    }
}
