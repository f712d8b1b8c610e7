using System.Text;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Everything that came along somewhere, over all connections.</summary>
internal sealed class RecordedBytes
{
    private readonly Lock _lock = new();
    private readonly MemoryStream _bytes = new();

    /// <summary>One character for each byte.</summary>
    public string Text
    {
        get
        {
            lock (_lock) return Encoding.Latin1.GetString(_bytes.GetBuffer(), 0, (int)_bytes.Length);
        }
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_lock) _bytes.Write(bytes);
    }
}
