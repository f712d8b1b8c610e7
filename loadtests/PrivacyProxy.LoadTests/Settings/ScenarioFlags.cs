using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using PrivacyProxy.Commands;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.LoadTests.Settings;

/// <summary>
/// The flags of a scenario, made from its settings class. Each stands for a key of the section <c>LoadTests:SCENARIO</c>, which the
/// environment and a file can give too; they are read and checked as the product's own are.
/// </summary>
internal sealed partial class ScenarioFlags<T> where T : class, new()
{
    private readonly Option<string?> _config = new("--config") { HelpName = "FILE", Description = "Read settings from this JSON file too." };
    private readonly List<(Option<string?> Option, FlagAttribute Flag, PropertyInfo Property)> _flags = [];
    private readonly string _section;

    public ScenarioFlags(string scenario)
    {
        _section = $"LoadTests:{scenario}";
        _config.Description += $" Section {_section}.";
        var defaults = new T();
        foreach (var property in OptionsProperties.Of(typeof(T)))
        {
            var flag = property.GetCustomAttribute<FlagAttribute>() ?? throw new InvalidOperationException($"{typeof(T).Name}.{property.Name} has no flag.");
            var fallback = flag.Default ?? Text(property.GetValue(defaults));
            _flags.Add((new Option<string?>(flag.Name ?? $"--{Words().Replace(property.Name, "-$1").ToLowerInvariant()}")
            {
                Description = fallback.Length > 0 ? $"{flag.Description} Default: {fallback}." : flag.Description,
                Arity = flag.Bare is null && property.PropertyType != typeof(bool) ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne,
            }, flag, property));
        }
    }

    public void AddTo(Command command)
    {
        foreach (var (option, _, _) in _flags) command.Options.Add(option);
        command.Options.Add(_config);
    }

    /// <summary>The settings of all sources.</summary>
    /// <exception cref="FormatException">Something is wrong: all problems, one a line, each by its flag or its key.</exception>
    public T Read(ParseResult arguments)
    {
        var given = new GivenFlags();
        foreach (var (option, _, property) in _flags) given.Add(arguments, option, $"{_section}:{property.Name}");
        try
        {
            using var configuration = new ConfigurationManager();
            ConfigurationSources.Apply(configuration, arguments.GetValue(_config), _ => ToSettings(arguments));
            return OptionsReader.Read<T>(configuration.GetSection(_section));
        }
        catch (InvalidConfigurationException e)
        {
            throw new FormatException(given.Tell(e), e);
        }
    }

    private IEnumerable<KeyValuePair<string, string?>> ToSettings(ParseResult arguments)
    {
        foreach (var (option, flag, property) in _flags)
            if (arguments.GetResult(option) is { Implicit: false }) yield return new($"{_section}:{property.Name}", arguments.GetValue(option) ?? flag.Bare ?? bool.TrueString);
    }

    private static string Text(object? value) => value switch
    {
        null or false => "",
        string text => text,
        Enum one => one.ToString().ToLowerInvariant(),
        System.Collections.IEnumerable list => string.Join(',', list.Cast<object>().Select(Text)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    [GeneratedRegex("(?<!^)([A-Z])")]
    private static partial Regex Words();
}
