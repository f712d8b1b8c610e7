using System.Net.Security;
using System.Runtime.CompilerServices;

namespace Tunneling.SslStreams;

/// <summary>An <see cref="SslStream"/> whose one direction may end while the other goes on: <see cref="SessionTurns"/> says why that needs care.</summary>
internal sealed class HalfClosingSslStream : SslStream
{
    private readonly SessionTurns _turns;

    /// <summary>TLS over a stream, which is disposed with it.</summary>
    public HalfClosingSslStream(Stream carrier)
        : this(carrier, new SessionTurns())
    {
    }

    private HalfClosingSslStream(Stream carrier, SessionTurns turns)
        : base(new Carrier(carrier, turns), leaveInnerStreamOpen: false) => (_turns, Inner) = (turns, carrier);

    /// <summary>What carries it.</summary>
    public Stream Inner { get; }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _turns.BeginReadAsync(cancellationToken);
        try
        {
            return await base.ReadAsync(buffer, cancellationToken);
        }
        finally
        {
            _turns.EndRead();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task ShutdownAsync() => _turns.ShutdownAsync(base.ShutdownAsync);

    /// <summary>What carries it.</summary>
    private sealed class Carrier(Stream inner, SessionTurns turns) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var reading = inner.ReadAsync(buffer, cancellationToken);
            return reading.IsCompletedSuccessfully || !turns.Yield() ? reading : WaitAsync(reading);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<int> WaitAsync(ValueTask<int> reading)
        {
            try
            {
                return await reading;
            }
            finally
            {
                await turns.ResumeAsync();
            }
        }
    }
}
