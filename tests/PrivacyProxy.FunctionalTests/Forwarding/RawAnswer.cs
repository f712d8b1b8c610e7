using System.Globalization;
using System.Text;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Forwarding;

/// <summary>An answer of a proxy, read as a client frames it.</summary>
internal sealed record RawAnswer(HttpHead Head, string Body)
{
    /// <summary>Instead of what is missing of content.</summary>
    public const string Cut = "[cut]";

    /// <summary>What came before it, but for 100.</summary>
    public IReadOnlyList<HttpHead> Interims { get; init; } = [];

    /// <summary>The answer, and interim ones before it.</summary>
    public static async Task<RawAnswer> ReadAsync(HttpProbe probe, bool isHead = false)
    {
        var interims = new List<HttpHead>();
        var head = await probe.ReadHeadAsync();
        for (; head.Status is 100 or 102 or 103; head = await probe.ReadHeadAsync())
            if (head.Status != 100) interims.Add(head);
        return await ReadAsync(probe, head, isHead) with { Interims = interims };
    }

    private static async Task<RawAnswer> ReadAsync(HttpProbe probe, HttpHead head, bool isHead)
    {
        if (isHead || head.Status is 204 or 304) return new RawAnswer(head, "");
        try
        {
            if (head["Transfer-Encoding"] is ["chunked"]) return new RawAnswer(head, await ReadChunksAsync(probe));
            if (head["Content-Length"] is [var length]) return new RawAnswer(head, await probe.ReadAsync(int.Parse(length, CultureInfo.InvariantCulture)));
            return new RawAnswer(head, await probe.ReadToEndAsync());
        }
        catch (IOException)
        {
            // How much came before depends on buffers.
            return new RawAnswer(head, Cut);
        }
    }

    private static async Task<string> ReadChunksAsync(HttpProbe probe)
    {
        var body = new StringBuilder();
        while (true)
        {
            var size = int.Parse((await LineAsync(probe)).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) break;
            body.Append(await probe.ReadAsync(size));
            await probe.ReadAsync(2);
        }

        while ((await LineAsync(probe)).Length > 0)
        {
        }

        return body.ToString();
    }

    private static async Task<string> LineAsync(HttpProbe probe)
    {
        var line = new StringBuilder();
        while (!line.ToString().EndsWith("\r\n", StringComparison.Ordinal)) line.Append(await probe.ReadAsync(1));
        return line.ToString()[..^2];
    }
}
