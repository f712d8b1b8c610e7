using Microsoft.Extensions.Options;

namespace PrivacyProxy.Configuration;

/// <summary>One feature's part of the live options, in the form features ask for.</summary>
internal sealed class LiveSection<TRoot, T>(LiveOptions<TRoot> options, Func<TRoot, T> select) : IOptionsMonitor<T>, IOptions<T>
    where TRoot : class, new()
    where T : class
{
    public T CurrentValue => select(options.CurrentValue);

    public T Value => CurrentValue;

    public T Get(string? name) => CurrentValue;

    public IDisposable? OnChange(Action<T, string?> listener) => options.OnChange((changed, name) => listener(select(changed), name));
}
