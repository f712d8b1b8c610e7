namespace PrivacyProxy.Configuration;

/// <summary>What is made of a section's options: made again once the options in force are others. Readers never wait.</summary>
/// <param name="options">The options in force; the same object until they change.</param>
/// <param name="make">Makes it of them.</param>
internal sealed class Derived<TOptions, T>(Func<TOptions> options, Func<TOptions, T> make)
    where TOptions : class
    where T : class
{
    private volatile Pair _pair = Make(options(), make);

    public T Value
    {
        get
        {
            var now = options();
            var pair = _pair;
            if (ReferenceEquals(now, pair.Options)) return pair.Value;
            // Two that come at once make it twice, of the same options.
            _pair = pair = Make(now, make);
            return pair.Value;
        }
    }

    private static Pair Make(TOptions options, Func<TOptions, T> make) => new(options, make(options));

    private sealed record Pair(TOptions Options, T Value);
}
