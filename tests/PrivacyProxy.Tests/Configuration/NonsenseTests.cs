using Microsoft.Extensions.Configuration;
using PrivacyProxy.Commands.Auditor;
using PrivacyProxy.Commands.Issuer;
using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting;
using PrivacyRelay.Configuration;

namespace PrivacyProxy.Tests.Configuration;

/// <summary>Nonsense in every key of every program: each is named with what is allowed, and nothing else happens.</summary>
public sealed class NonsenseTests
{
    [Theory]
    [InlineData("nonsense %% value")]
    [InlineData("-1")]
    [InlineData(" ")]
    [InlineData("/does/not/exist")]
    [InlineData("\u00e9\u0007")]
    public void It_is_named_by_its_key_with_what_is_allowed(string value)
    {
        AssertNamed<ProxyOptions>(ProxyOptions.Section, value);
        AssertNamed<IssuerSettings>(IssuerSettings.Section, value);
        AssertNamed<AuditorSettings>(AuditorSettings.Section, value);
        AssertNamed<RelayOptions>(RelayOptions.Section, value);
    }

    private static void AssertNamed<T>(string section, string value) where T : class, new()
    {
        var keys = Keys(typeof(T), section).ToList();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(keys.Select(key => KeyValuePair.Create(key.Key, (string?)value))).Build();
        var problems = Assert.Throws<InvalidConfigurationException>(() => OptionsReader.Read<T>(configuration.GetSection(section))).Problems;
        Assert.All(problems, static problem => Assert.Contains(": expected ", problem.ToString(), StringComparison.Ordinal));
        // Texts can be anything as far as their type goes; everything else cannot be this, and -1 is a number.
        var named = problems.Select(static problem => problem.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unnamed = keys.Where(key => key.Type != typeof(string) && !named.Contains(key.Key) && !(value == "-1" && key.Type.IsPrimitive)).Select(static key => key.Key);
        Assert.Empty(unnamed);
    }

    private static IEnumerable<(string Key, Type Type)> Keys(Type type, string path)
    {
        foreach (var property in OptionsProperties.Of(type))
        {
            var key = $"{path}:{property.Name}";
            var element = OptionsProperties.ElementType(property.PropertyType);
            var one = element ?? property.PropertyType;
            if (element is not null) key += ":0";
            if (!OptionsProperties.IsSection(one)) yield return (key, Nullable.GetUnderlyingType(one) ?? one);
            else foreach (var inner in Keys(one, key)) yield return inner;
        }
    }
}
