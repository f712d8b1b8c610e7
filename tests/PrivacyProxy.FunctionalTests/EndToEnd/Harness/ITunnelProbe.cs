namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>One tunnel request as raw as its protocol allows; after a 200, the tunnel.</summary>
internal interface ITunnelProbe : IAsyncDisposable
{
    /// <summary>This client's address and port as a log would show it.</summary>
    string LocalAddress { get; }

    Task<HttpHead> ReadHeadAsync();

    Task SendAsync(string text);

    /// <summary>Ends our direction only.</summary>
    Task HalfCloseAsync();

    /// <summary>Aborts both directions.</summary>
    Task ResetAsync();

    /// <summary>Reads exactly that many bytes.</summary>
    Task<string> ReadAsync(int count);

    /// <summary>Reads to the end; an abort by the proxy throws <see cref="IOException"/>.</summary>
    Task<string> ReadToEndAsync();
}
