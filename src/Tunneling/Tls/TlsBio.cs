using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tunneling.Native;

namespace Tunneling.Tls;

/// <summary>
/// The BIO between libssl and a socket. It receives as much as there is with one call and hands it out as libssl asks, and gathers what libssl
/// writes, so that many records leave with one system call. Writing to it never fails for want of room, so libssl never has to write again.
/// </summary>
internal static unsafe class TlsBio
{
    /// <summary>More output than this in one call can only be a fault.</summary>
    private const int MaxOutput = 16 * 1024 * 1024;

    private const int RecordHeaderSize = 5;

    private static readonly nint _method = CreateMethod();

    /// <summary>Gives a session a BIO of its own over the frame; the session owns it.</summary>
    public static void Attach(SslHandle ssl, TlsFrame* frame)
    {
        var bio = OpenSslError.ThrowIfNull(LibCrypto.BIO_new(_method));
        LibCrypto.BIO_set_data(bio, (nint)frame);
        LibSsl.SSL_set_bio(ssl, bio, bio);
    }

    // Made once and kept for as long as the process lives.
    private static nint CreateMethod()
    {
        var method = OpenSslError.ThrowIfNull(LibCrypto.BIO_meth_new(LibCrypto.BIO_get_new_index() | LibCrypto.BIO_TYPE_SOURCE_SINK, "tunneling\0"u8));
        OpenSslError.ThrowUnlessOne(LibCrypto.BIO_meth_set_read_ex(method, &Read));
        OpenSslError.ThrowUnlessOne(LibCrypto.BIO_meth_set_write_ex(method, &Write));
        OpenSslError.ThrowUnlessOne(LibCrypto.BIO_meth_set_ctrl(method, &Control));
        return method;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(nint bio, byte* bytes, nuint count, nuint* read)
    {
        var frame = (TlsFrame*)LibCrypto.BIO_get_data(bio);
        LibCrypto.BIO_clear_flags(bio, LibCrypto.BIO_FLAGS_RWS | LibCrypto.BIO_FLAGS_SHOULD_RETRY);
        *read = 0;
        if (count == RecordHeaderSize && frame->Records > frame->RecordLimit) return Retry(bio);
        if (frame->InputStart == frame->InputEnd && !Receive(frame))
        {
            if (frame->Receive == IoStatus.WouldBlock) return Retry(bio);
            frame->ReceiveEndTold = true;
            return 0;
        }

        var taken = Math.Min(frame->InputEnd - frame->InputStart, count > int.MaxValue ? int.MaxValue : (int)count);
        NativeMemory.Copy(frame->Input + frame->InputStart, bytes, (nuint)taken);
        frame->InputStart += taken;
        *read = (nuint)taken;
        // libssl asks for a record's header alone: so records are counted, and one without data after the other is not read for ever.
        if (count == RecordHeaderSize) frame->Records++;
        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint bio, byte* bytes, nuint count, nuint* written)
    {
        var frame = (TlsFrame*)LibCrypto.BIO_get_data(bio);
        LibCrypto.BIO_clear_flags(bio, LibCrypto.BIO_FLAGS_RWS | LibCrypto.BIO_FLAGS_SHOULD_RETRY);
        *written = 0;
        if (count > MaxOutput || !Reserve(frame, (int)count)) return 0;
        NativeMemory.Copy(bytes, frame->Output + frame->OutputLength, count);
        frame->OutputLength += (int)count;
        *written = count;
        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Control(nint bio, int command, nint number, nint pointer) => command switch
    {
        LibCrypto.BIO_CTRL_FLUSH => 1,
        LibCrypto.BIO_CTRL_EOF => ((TlsFrame*)LibCrypto.BIO_get_data(bio))->Receive == IoStatus.End ? 1 : 0,
        _ => 0,
    };

    private static int Retry(nint bio)
    {
        LibCrypto.BIO_set_flags(bio, LibCrypto.BIO_FLAGS_READ | LibCrypto.BIO_FLAGS_SHOULD_RETRY);
        return 0;
    }

    /// <summary>Fills the empty input. False when nothing came; then the frame says why.</summary>
    private static bool Receive(TlsFrame* frame)
    {
        if (frame->Receive != IoStatus.Done) return false;
        frame->InputStart = frame->InputEnd = 0;
        if (frame->Descriptor < 0)
        {
            frame->Receive = IoStatus.WouldBlock;
            return false;
        }

        nint count;
        int error;
        do
        {
            count = Libc.Receive(frame->Descriptor, frame->Input, frame->ReceiveLimit, 0);
            error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (error == Errno.Interrupted);
        if (count <= 0)
        {
            frame->Error = error;
            frame->Receive = count == 0 ? IoStatus.End : error == Errno.WouldBlock ? IoStatus.WouldBlock : IoStatus.Failed;
            return false;
        }

        frame->InputEnd = (int)count;
        if (frame->FirstByte < 0) frame->FirstByte = *frame->Input;
        if (count < frame->ReceiveLimit && frame->StopsWhenShort) frame->Receive = IoStatus.WouldBlock;
        return true;
    }

    private static bool Reserve(TlsFrame* frame, int count)
    {
        var needed = frame->OutputLength + count;
        if (needed <= frame->OutputCapacity) return true;
        if (needed > MaxOutput) return false;
        var capacity = Math.Min(MaxOutput, Math.Max(needed, frame->OutputCapacity * 2));
        byte* grown;
        try
        {
            grown = (byte*)NativeMemory.Realloc(frame->Output, (nuint)capacity);
        }
        catch (OutOfMemoryException)
        {
            return false;
        }

        frame->Output = grown;
        frame->OutputCapacity = capacity;
        return true;
    }
}
