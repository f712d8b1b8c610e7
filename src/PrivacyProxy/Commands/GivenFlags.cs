using System.CommandLine;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands;

/// <summary>The flags that were given and the keys they stand for, so that a wrong value is named as the user wrote it.</summary>
internal sealed class GivenFlags
{
    private readonly List<(string Key, string Flag)> _given = [];

    /// <summary>Notes a flag, if it was given.</summary>
    public void Add(ParseResult arguments, Option flag, string key)
    {
        if (arguments.GetResult(flag) is { Implicit: false }) Add(flag.Name, key);
    }

    /// <summary>Notes that a flag has set a key.</summary>
    public void Add(string flag, string key)
    {
        // Flags are read again with the files.
        if (!_given.Contains((key, flag))) _given.Add((key, flag));
    }

    /// <summary>The problems, one a line: by their flags where they came from flags, else by their keys.</summary>
    public string Tell(InvalidConfigurationException exception) =>
        string.Join('\n', exception.Problems.Select(problem => FlagOf(problem.Key) is { } flag ? problem with { Key = flag } : problem));

    private string? FlagOf(string key) =>
        _given.Where(given => key.StartsWith(given.Key, StringComparison.OrdinalIgnoreCase) && (key.Length == given.Key.Length || key[given.Key.Length] == ':'))
            .OrderByDescending(static given => given.Key.Length).Select(static given => given.Flag).FirstOrDefault();
}
