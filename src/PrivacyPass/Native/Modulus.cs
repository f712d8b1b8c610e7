namespace PrivacyPass.Native;

/// <summary>An odd public modulus with its Montgomery context. Safe for concurrent use; <see cref="Begin"/> starts a computation.</summary>
internal sealed class Modulus : IDisposable
{
    /// <summary>Takes the modulus as an unsigned big-endian number; it must be odd.</summary>
    internal Modulus(ReadOnlySpan<byte> bigEndian)
    {
        Value = BigNumber.FromBytes(bigEndian);
        Size = (Value.BitLength + 7) / 8;
        Montgomery = MontgomeryContext.Create(Value);
    }

    internal BigNumber Value { get; }

    internal MontgomeryContext Montgomery { get; }

    /// <summary>Size in bytes.</summary>
    internal int Size { get; }

    /// <summary>A computation modulo this number; disposing it wipes every value it made.</summary>
    internal ModularScope Begin() => new(this);

    public void Dispose()
    {
        Montgomery.Dispose();
        Value.Dispose();
    }
}
